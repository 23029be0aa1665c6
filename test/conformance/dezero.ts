/** DeZero's cases: its functions and scripts, written as a user of this library writes them. */
import type { Case, Json, JsonObject } from './fixture.js'
import { decodeAll } from './fixture.js'
import { difference } from './compare.js'
import { settled } from './settled.js'
import { eagerly, type Through } from './compiled.js'
import type { Tolerance } from './compare.js'
import { core } from './dezero/core.js'
import { datasets } from './dezero/datasets.js'
import { layers } from './dezero/layers.js'
import { imageModels } from './dezero/models.js'
import { optimizers } from './dezero/optimizers.js'
import { recurrent } from './dezero/recurrent.js'
import { shapes } from './dezero/shapes.js'
import { training } from './dezero/training.js'

/** What an entry sees of a case: inputs and attributes decoded; the outputs only to know which of them are asked for. */
export interface DezeroCase {
  readonly id: string
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- the fields of a case come from a file; each entry knows its own
  readonly inputs: any
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- as above
  readonly attrs: any
  readonly outputs: JsonObject
  /** Another case of the same file. */
  readonly other: (id: string) => DezeroCase
  /** For an entry that reads values on the way: how it is to call the functions between. */
  readonly through: Through
}

/** Computes what a case asks for, under the names of its outputs. */
export type Entry = (c: DezeroCase) => unknown

/**
 * Entries that read values, or files, on the way: no Program is all of one. What they compute between goes `through` or, in
 * the training runs, through `jit` always.
 */
const inSteps = /^(train\.|io\.|loader\.|transform\.center_crop$|core\.(taylor_sin|gd)\b)/

const entries: Readonly<Record<string, Entry>> = {
  ...core,
  ...shapes,
  ...layers,
  ...recurrent,
  ...imageModels,
  ...optimizers,
  ...training,
  ...datasets,
}

/** The entry of a case: under its id, or under what precedes `@` in it. */
const entryOf = (id: string): Entry | undefined => {
  const name = [id, id.split('@')[0]!].find((n) => Object.hasOwn(entries, n))
  return name === undefined ? undefined : entries[name]
}

const view = (c: Case, cases: readonly Case[], through: Through): DezeroCase => ({
  id: c.id,
  inputs: decodeAll(c.inputs as Json),
  attrs: decodeAll(c.attrs ?? {}),
  outputs: c.outputs as JsonObject,
  other: (id) =>
    view(
      cases.find((d) => d.id === id)!,
      cases,
      through,
    ),
  through,
})

/** What a case expects, in parts of one tolerance each: all of it, with the case's own, unless the case's text says otherwise. */
type Parts = readonly (readonly [expected: Json, tolerance: Tolerance])[]

const partsOf = (c: Case): Parts => {
  const tolerance = { rtol: Number(c.rtol), atol: Number(c.atol) }
  const outputs = c.outputs as JsonObject
  if (c.id !== 'train.spiral') return [[outputs, tolerance]]
  // 300 epochs amplify rounding: the tolerance holds for ten, 1e-3 afterwards; what float32 gave is remarked, not required.
  const epochs = Object.entries(outputs.f64 as JsonObject)
  const part = (keep: (epoch: number) => boolean): Json => ({ f64: Object.fromEntries(epochs.filter(([e]) => keep(Number(e)))) })
  return [
    [part((e) => e <= 10), tolerance],
    [part((e) => e > 10), { rtol: 1e-3, atol: 1e-12 }],
  ]
}

/** Runs a case of DeZero and compares its outputs. */
export const dezero = async (c: Case, cases: readonly Case[], through: Through = eagerly): Promise<string | null> => {
  const entry = entryOf(c.id)
  if (entry === undefined) return `unknown: nothing stands for ${c.id}`
  const actual = await settled(await (inSteps.test(c.id) ? entry : through(entry))(view(c, cases, through)))
  for (const [expected, tolerance] of partsOf(c)) {
    const d = difference('outputs', expected, actual, tolerance)
    if (d !== null) return d
  }
  return null
}
