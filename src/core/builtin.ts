/**
 * What is not part of this package: modules of Node, and packages that users may install. Neither is written as an import, because
 * bundlers for browsers follow every import that they can read, and stop at what is not installed.
 */

/** A module of Node, Bun or Deno; `undefined` elsewhere, and where it is not permitted. */
export const builtin = (name: string): unknown => {
  const { process } = globalThis as { readonly process?: { readonly getBuiltinModule?: (name: string) => unknown } }
  try {
    return process?.getBuiltinModule?.(name)
  } catch {
    return undefined
  }
}

/** The names of packages that users may install. In an object, because bundlers put constants where they are used, and follow them. */
const peers: { readonly [name in 'sharp' | 'viz']: string } = Object.assign(Object.create(null), {
  sharp: 'sharp',
  viz: '@viz-js/viz',
})

/** An installed package, found when the program runs; a rejected promise when it is not there. */
export const peer = (name: keyof typeof peers): Promise<unknown> =>
  import(/* webpackIgnore: true */ /* @vite-ignore */ /* turbopackIgnore: true */ peers[name])
