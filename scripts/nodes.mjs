/**
 * Laws and recorded cases on the other versions of Node that the package supports: `npm run test:nodes -- [22] [24] [--laws FILE...]`.
 * Binaries are found in ADJOINT_NODES (a folder with node_modules/node22 and so on), else installed from npm into a temporary one.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
/** The releases tried; the platform's package brings the binary. */
const releases = { 22: '22.23.3', 24: '24.21.0' }
const platform = `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`

const wanted = process.argv.slice(2).filter((a) => Object.hasOwn(releases, a))
const versions = wanted.length > 0 ? wanted : Object.keys(releases)

const binaries = (folder) => Object.fromEntries(versions.map((v) => [v, join(folder, 'node_modules', `node${v}`, 'bin', 'node')]))
const complete = (folder) => Object.values(binaries(folder)).every((file) => existsSync(file))

const installed = () => {
  const given = process.env.ADJOINT_NODES
  if (given !== undefined && complete(given)) return given
  const folder = mkdtempSync(join(tmpdir(), 'adjoint-nodes-'))
  writeFileSync(join(folder, 'package.json'), '{"private":true}')
  const packages = versions.map((v) => `node${v}@npm:${platform}@${releases[v]}`)
  execFileSync('npm', ['install', '--no-audit', '--no-fund', '--silent', ...packages], { cwd: folder, stdio: 'inherit' })
  return folder
}

const fixtures = ['jax', 'dezero'].map((name) => join(root, '..', 'shared', 'fixtures', `${name}.json`)).filter((file) => existsSync(file))
// test/core/value.test.ts: what only newer engines have, such as Float16Array
const tests = ['test/laws', 'test/backend', 'test/differential', 'test/core/value.test.ts']

/** Runs Node's `binary` with `args`; true when it exits with 0. */
const run = (what, binary, args, env = {}) => {
  const start = performance.now()
  const { status, stdout, stderr } = spawnSync(binary, args, {
    cwd: root,
    encoding: 'utf8',
    env: { ...process.env, ...env },
    maxBuffer: 2 ** 28,
  })
  const seconds = ((performance.now() - start) / 1000).toFixed(0)
  if (status !== 0) console.log(`${stdout}\n${stderr}`.split('\n').slice(-120).join('\n'))
  const last = stdout.trimEnd().split('\n').pop()
  console.log(`${status === 0 ? 'ok  ' : 'FAIL'}  ${what} (${seconds} s)${status === 0 ? `  ${last}` : ''}`)
  return status === 0
}

const folder = installed()
const results = Object.entries(binaries(folder)).flatMap(([version, binary]) => [
  run(`node ${version}: laws, backends, random programs`, binary, [
    'node_modules/vitest/vitest.mjs',
    'run',
    '--typecheck.enabled=false',
    ...tests,
  ]),
  ...['reference', 'wasm'].flatMap((backend) =>
    fixtures.length === 0
      ? []
      : [
          run(`node ${version}: conformance on ${backend}`, binary, [
            'scripts/run.mjs',
            'test/conformance/main.ts',
            '--backend',
            backend,
            '--expect-missing',
            'test/conformance/pending.json',
            ...fixtures,
          ]),
        ],
  ),
])
process.exitCode = results.every(Boolean) ? 0 : 1
