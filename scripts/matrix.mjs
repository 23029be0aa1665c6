/**
 * The whole suite under {eager, jit} x {reference, wasm on one thread, wasm on two}: `npm run test:matrix -- [NAME...] [-- vitest arguments]`,
 * where a NAME picks the combinations that contain it (`jit`, `reference`, `wasm-2`). The last line counts them.
 */
import { spawnSync } from 'node:child_process'

const backends = {
  reference: { ADJOINT_BACKEND: 'reference' },
  'wasm-1': { ADJOINT_BACKEND: 'wasm', ADJOINT_THREADS: '1' },
  'wasm-2': { ADJOINT_BACKEND: 'wasm', ADJOINT_THREADS: '2' },
}
const modes = { eager: {}, jit: { ADJOINT_JIT: '1' } }

const args = process.argv.slice(2)
const cut = args.indexOf('--')
const chosen = cut < 0 ? args : args.slice(0, cut)
const rest = cut < 0 ? [] : args.slice(cut + 1)

/** In jit mode: what is asked of values. Errors, memory, files and the machinery of tracing are the same as eagerly. */
const valued = ['laws', 'numpy', 'nn', 'losses', 'metrics', 'optim', 'random', 'dezero', 'peers'].map((folder) => `test/${folder}`)

const combinations = Object.entries(modes).flatMap(([mode, jit]) =>
  Object.entries(backends).map(([backend, env]) => ({
    name: `${mode} ${backend}`,
    env: { ...jit, ...env },
    files: mode === 'jit' ? valued : [],
  })),
)
let failed = 0
const run = combinations.filter(({ name }) => chosen.length === 0 || chosen.some((part) => name.includes(part)))
for (const { name, env, files } of run) {
  const start = performance.now()
  const vitest = [
    'node_modules/vitest/vitest.mjs',
    'run',
    '--typecheck.enabled=false',
    '--reporter=dot',
    ...(rest.length > 0 ? rest : files),
  ]
  const { status } = spawnSync(process.execPath, vitest, { stdio: 'inherit', env: { ...process.env, ...env } })
  if (status !== 0) failed++
  console.log(`${status === 0 ? 'ok  ' : 'FAIL'}  ${name} (${((performance.now() - start) / 1000).toFixed(0)} s)`)
}
console.log(`${run.length - failed} passed, ${failed} failed`)
process.exitCode = failed === 0 ? 0 : 1
