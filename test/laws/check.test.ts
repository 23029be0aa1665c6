/** Laws refuse arguments of another kind: what is left out of a check in silence would pass. */
import fc from 'fast-check'
import { np, optim, reference, ShapeError, ValueError } from 'adjoint'
import * as entry from 'adjoint/laws'
import { describe, expect, it } from 'vitest'

const { laws, tensor } = entry
const any = laws as unknown as Readonly<Record<string, (...args: readonly unknown[]) => unknown>>
const f = (...xs: readonly unknown[]) => xs
const inputs = fc.tuple(tensor([2]))

/** Arguments of every law before its options. */
const calls: Readonly<Record<keyof typeof laws, readonly unknown[]>> = {
  asyncBackend: [reference],
  backend: [reference],
  batchedDerivative: [f, fc.array(inputs)],
  batching: [f, fc.array(inputs)],
  chainRule: [f, f, inputs],
  checkpointed: [entry.programs(2)],
  dataset: [{ length: 1, take: () => np.ones([1]) }],
  derivative: [f, inputs],
  firstOrder: [entry.pointsOf(f as never, inputs)],
  format: [{ encode: String, decode: Number }, fc.nat()],
  functor: [entry.trees(fc.nat())],
  jitted: [entry.programs(2)],
  keys: [],
  layer: [{ init: f, initState: f, applyWithState: f }, tensor([2])],
  linearity: [entry.pointsOf(f as never, inputs)],
  linearized: [entry.pointsOf(f as never, inputs)],
  metric: [{ summary: f, value: f, monoid: {} }, fc.nat()],
  monoid: [fc.constant(optim.sgd(0.1)), fc.nat()],
  optimizer: [optim.sgd(0.1), fc.nat()],
  partition: [() => [[0]], 1],
  pass: ['nothing', (p: unknown) => p, entry.programs(2)],
  places: [entry.trees(fc.nat())],
  primitive: [{ name: 'p', shape: f }, entry.elementwise(1)],
  restartable: [[1, 2]],
  secondOrder: [entry.pointsOf(f as never, inputs)],
  streams: [f],
  symmetry: [entry.pointsOf(f as never, inputs)],
  tracing: [entry.programs(2)],
  transparent: ['nothing', f, entry.programs(2)],
  traversal: [entry.trees(fc.nat())],
  unused: [entry.pointsOf(f as never, inputs)],
}

/** The error of a call that must be refused, or that its promise is rejected with. */
const refused = async (run: () => unknown): Promise<unknown> => {
  try {
    await run()
  } catch (e) {
    return e
  }
  return null
}

describe.each(Object.entries(calls))('%s', (name, args) => {
  it('refuses options that are none, that it does not have, and values that they do not take', async () => {
    for (const [options, text] of [
      [{ numRun: 5 }, `${name}: there is no option 'numRun'`],
      [{ numRuns: 0 }, `${name}: numRuns must be a whole number from 1, got 0`],
      [{ numRuns: NaN }, `${name}: numRuns must be a whole number from 1, got NaN`],
      [{ seed: 1.5 }, `${name}: seed must be a whole number, got 1.5`],
      [{ shrink: 1 }, `${name}: shrink must be true or false, got 1`],
      [5, `${name}: options must be a plain record, got 5`],
      ['nonsense', `${name}: options must be a plain record, got the string 'nonsense'`],
      [null, `${name}: options must be a plain record, got null`],
    ] as const) {
      const error = await refused(() => any[name]!(...args, options))
      expect(error).toBeInstanceOf(ValueError)
      expect((error as Error).message.split('\n')[0]).toContain(text)
    }
  })
  it('refuses each argument of another kind', async () => {
    const wrongs = [Symbol('nonsense'), NaN, Promise.resolve()]
    const errors = await Promise.all(
      args.flatMap((_, i) => wrongs.map((wrong) => refused(() => any[name]!(...args.slice(0, i), wrong, ...args.slice(i + 1))))),
    )
    const texts = errors.map((error) => (error as Error | null)?.message ?? 'nothing was thrown')
    expect(texts).toHaveLength(args.length * wrongs.length)
    expect(texts.filter((text) => !new RegExp(`^${name}: .* must be `).test(text))).toEqual([])
  })
})

describe('what else is refused', () => {
  it('values that do not fill a shape, ranges that are empty, directions of another shape', () => {
    expect(() => entry.tensorOf([1, 2], [3])).toThrow(ShapeError)
    expect(() => entry.eighths(1, 0)).toThrow(/^eighths: there is no multiple of 1\/8 from min 1 to max 0/)
    expect(() => entry.shapes({ minRank: 4, maxRank: 2 })).toThrow(/^shapes: there is no rank from 4 to 2/)
    expect(() => entry.anyDtype([])).toThrow(/^anyDtype: among must be a list of names of dtypes/)
    expect(() => entry.difference((x) => [x], [np.ones([2])], [np.ones([3])])).toThrow(ShapeError)
    expect(() => entry.checkPoint({ f: (x) => [x], xs: [np.ones([2])] }, { modes: [] })).toThrow(/^checkPoint: modes must be/)
  })
  it('an option that is undefined is one that is left out', () => {
    let runs = 0
    laws.format({ encode: (x: number) => (runs++, String(x)), decode: Number }, fc.nat(), { numRuns: undefined } as never)
    expect(runs).toBe(200)
  })
})
