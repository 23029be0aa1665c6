import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'
import { names, sources, specifier } from './scripts/entries.mjs'
import { jitted } from './scripts/jitted.mjs'
import { viteMember } from './scripts/member.mjs'

/** The package by its own name is its source, longest specifier first. */
const alias = names
  .map((name) => ({ find: new RegExp(`^${specifier(name)}$`), replacement: fileURLToPath(new URL(sources[name]!, import.meta.url)) }))
  .reverse()

/** In jit mode every call of a function of the library is traced and, where it is new, compiled. */
const jit = process.env['ADJOINT_JIT'] !== undefined

export default defineConfig({
  resolve: { alias },
  plugins: [viteMember(), ...(jit ? [jitted()] : [])],
  test: {
    include: ['test/**/*.test.ts'],
    setupFiles: ['test/setup.ts'],
    execArgv: ['--expose-gc'],
    maxWorkers: '100%', // by default one core is kept back, of two the half
    testTimeout: jit ? 300_000 : 120_000, // the reference is slow, and a machine may be loaded
    hookTimeout: 60_000,
    typecheck: { enabled: true, include: ['test/**/*.test-d.ts'], tsconfig: 'tsconfig.json', ignoreSourceErrors: true },
    coverage: { provider: 'v8', include: ['src/**', 'laws/**'] },
  },
})
