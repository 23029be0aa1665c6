import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'
import { names, sources, specifier } from './scripts/entries.mjs'
import { jitted } from './scripts/jitted.mjs'

/** The package by its own name is its source, longest specifier first. */
const alias = names
  .map((name) => ({ find: new RegExp(`^${specifier(name)}$`), replacement: fileURLToPath(new URL(sources[name]!, import.meta.url)) }))
  .reverse()

export default defineConfig({
  resolve: { alias },
  plugins: process.env['ADJOINT_JIT'] === undefined ? [] : [jitted()],
  test: {
    include: ['test/**/*.test.ts'],
    setupFiles: ['test/setup.ts'],
    execArgv: ['--expose-gc'],
    testTimeout: 30_000,
    typecheck: { enabled: true, include: ['test/**/*.test-d.ts'], tsconfig: 'tsconfig.json', ignoreSourceErrors: true },
    coverage: { provider: 'v8', include: ['src/**', 'laws/**'] },
  },
})
