/**
 * API pages by typedoc, into docs/api. An export, or a member of an exported interface, without a doc comment is an error;
 * so is a link to nowhere. Members of the variants of a union are documented by the variant.
 */
import { spawnSync } from 'node:child_process'
import { root, tool } from './packed.mjs'

const { status, stdout, stderr } = spawnSync(process.execPath, [tool('typedoc'), '--logLevel', 'Verbose'], {
  cwd: root,
  encoding: 'utf8',
  env: { ...process.env, NO_COLOR: '1' },
})
const lines = `${stdout}${stderr}`.split('\n')
const bad = lines.filter((l) => /^\[(warning|error)\]/.test(l) && !l.includes('.__type.') && !/^\[warning\] Found /.test(l))
for (const line of bad) console.error(line)
if (status !== 0 && bad.length === 0) console.error(lines.join('\n'))
console.log(`api: ${bad.length} problems; pages in docs/api`)
process.exit(status === 0 && bad.length === 0 ? 0 : 1)
