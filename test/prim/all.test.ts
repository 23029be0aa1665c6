import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { primitives } from '../../src/prim/all.js'

it('every primitive is registered under its name', () => {
  expect(Object.entries(primitives).filter(([key, prim]) => key !== prim.name)).toEqual([])
})

const isPrimitive = (x: unknown): x is { readonly name: string } =>
  typeof x === 'object' && x !== null && 'name' in x && 'shape' in x && 'linear' in x && 'lower' in x

/** What evaluation alone applies, in place of `slice` and `pad`: never traced, so no law has a use for it; `placed.test.ts` covers them. */
const evaluated = ['sliceFrom', 'padFrom']

it('every primitive that a file exports is registered, but those of evaluation alone', async () => {
  const folder = fileURLToPath(new URL('../../src/prim', import.meta.url))
  const files = readdirSync(folder).filter((file) => file.endsWith('.ts'))
  const exported = new Set<unknown>()
  for (const file of files) {
    const module = (await import(`../../src/prim/${file.replace(/\.ts$/, '')}.ts`)) as Readonly<Record<string, unknown>>
    for (const value of Object.values(module)) if (isPrimitive(value)) exported.add(value)
  }
  const registered = new Set<unknown>(Object.values(primitives))
  expect(exported.size).toBeGreaterThan(100)
  expect(
    [...exported]
      .filter((p) => !registered.has(p))
      .map((p) => (p as { name: string }).name)
      .sort(),
  ).toEqual([...evaluated].sort())
})
