import { createRequire } from 'node:module'
import type { Options } from 'tsup'
import { defineConfig } from 'tsup'
import { sources } from './scripts/entries.mjs'
import { pure } from './scripts/pure.mjs'

const require = createRequire(import.meta.url)

/** A bare `fp-ts/X` fails in Node ESM and its CommonJS build does not tree-shake: bundle the es6 build. */
const fpTs: NonNullable<Options['esbuildPlugins']>[number] = {
  name: 'fp-ts-es6',
  setup: (build) => {
    build.onResolve({ filter: /^fp-ts\// }, ({ path }) => ({
      path: require.resolve(path.replace(/^fp-ts\/(?:lib\/)?(.+?)(?:\.js)?$/, 'fp-ts/es6/$1.js')),
      sideEffects: false,
    }))
  },
}

export default defineConfig({
  entry: sources,
  format: ['esm', 'cjs'],
  dts: { compilerOptions: { ignoreDeprecations: '6.0', stripInternal: true } },
  splitting: true,
  sourcemap: true,
  clean: true,
  treeshake: false,
  platform: 'neutral',
  target: 'es2022',
  noExternal: [/^fp-ts/],
  external: ['fast-check', '@viz-js/viz', /^node:/],
  esbuildPlugins: [fpTs, pure],
})
