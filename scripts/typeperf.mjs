/** The type checker's work on the API sketches, against the built declarations: instantiations, exact and deterministic. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { names, specifier } from './entries.mjs'
import { root, run, tool } from './packed.mjs'

const ceiling = 6000
const config = join(root, 'tsconfig.typeperf.json')
const paths = Object.fromEntries(names.map((name) => [specifier(name), [`./dist/${name}.d.ts`]]))
const base = JSON.parse(readFileSync(join(root, 'tsconfig.json'), 'utf8')).compilerOptions

writeFileSync(
  config,
  JSON.stringify({
    compilerOptions: { ...base, paths, types: [], lib: ['es2022'], skipLibCheck: true },
    files: ['test/types/sketches.ts'],
  }),
)
process.on('exit', () => rmSync(config, { force: true }))

const output = run(tool('tsc'), ['-p', config, '--extendedDiagnostics'])
const count = Number(/Instantiations:\s+(\d+)/.exec(output)?.[1] ?? Number.NaN)
const ok = count <= ceiling
console.log(`${ok ? 'ok  ' : 'FAIL'}  ${count} type instantiations of at most ${ceiling}`)
process.exit(ok ? 0 : 1)
