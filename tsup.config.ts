import { createRequire } from 'node:module'
import type { Options } from 'tsup'
import { defineConfig } from 'tsup'
import { sources } from './scripts/entries.mjs'
import { member } from './scripts/member.mjs'
import { pure } from './scripts/pure.mjs'

type Plugin = NonNullable<Options['esbuildPlugins']>[number]
const require = createRequire(import.meta.url)

/** A bare `fp-ts/X` fails in Node ESM and its CommonJS build does not tree-shake: bundle the es6 build. */
const fpTs: Plugin = {
  name: 'fp-ts-es6',
  setup: (build) => {
    build.onResolve({ filter: /^fp-ts\// }, ({ path }) => ({
      path: require.resolve(path.replace(/^fp-ts\/(?:lib\/)?(.+?)(?:\.js)?$/, 'fp-ts/es6/$1.js')),
      sideEffects: false,
    }))
  },
}

/**
 * Not for users: more entries mean finer chunks. Modules that act when loaded (the first two) get chunks apart from modules
 * that do not (the others), so that `import { grad }` leaves the former out.
 */
const seams = {
  'seam/device': 'src/device/select.ts',
  'seam/lift': 'src/numpy/lift.ts',
  'seam/prim': 'src/prim/all.ts',
  'seam/transforms': 'src/transforms/grad.ts',
}

export default defineConfig({
  entry: { ...sources, ...seams },
  format: ['esm', 'cjs'],
  dts: {
    entry: sources,
    compilerOptions: { ignoreDeprecations: '6.0', stripInternal: true, noUnusedLocals: false, noUnusedParameters: false },
  },
  splitting: true,
  sourcemap: true,
  clean: true,
  platform: 'neutral',
  target: 'es2022',
  noExternal: [/^fp-ts/],
  external: ['fast-check', /^adjoint\//],
  esbuildPlugins: [fpTs, member, pure],
})
