/** A folder of checkpoints: written whole or not at all, the newest few kept, damaged ones passed over. */
import { optionsOf } from '../core/options.js'
import { anything, check, nonNegative, positiveWhole, record, text, wholeWithin } from '../core/check.js'
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as O from 'fp-ts/lib/Option.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { aval } from '../core/aval.js'
import { fail, ValueError } from '../core/errors.js'
import { hostTensor, isTensor } from '../core/tensor.js'
import type { DataFault } from '../data/fault.js'
import { inPlace } from '../data/fault.js'
import { nodeFiles } from '../data/nodeFiles.js'
import { temporaryFor } from '../data/temporary.js'
import * as tree from '../tree/index.js'
import type { Checkpoint } from './checkpointFormat.js'
import { decodeCheckpoint, encodeCheckpoint, matching } from './checkpointFormat.js'
import type { LoadOptions } from './store.js'
import { readBounded } from './store.js'

/** Options of `checkpoints`. */
export interface CheckpointOptions<T> extends LoadOptions {
  /** The folder; made when it is not there. */
  readonly dir: string
  /** A value like those that are saved: its structure, shapes and dtypes are required of what is loaded. */
  readonly like: T
  /** How many to keep: 3 by default. */
  readonly keep?: number
  /** What names of files start with: `checkpoint` by default. */
  readonly prefix?: string
}

/** The newest checkpoint that can be read. */
export interface Latest<T> extends Checkpoint<T> {
  readonly path: string
  /** Why newer ones were passed over; empty when there are none. */
  readonly skipped: readonly DataFault[]
}

/** What can be done with a folder of checkpoints. */
export interface Checkpoints<T> {
  /** Writes a checkpoint, then removes older ones beyond the newest `keep`. Elements are taken when the task starts: training may go on meanwhile. */
  readonly save: (step: number, value: T) => TE.TaskEither<DataFault, string>
  /** The checkpoint of a step. */
  readonly load: (step: number) => TE.TaskEither<DataFault, Checkpoint<T>>
  /**
   * The newest checkpoint that is whole and like `like`; none in a folder without any. When there are some and none can be read,
   * the fault of the newest: starting again would lose them.
   */
  readonly latest: TE.TaskEither<DataFault, O.Option<Latest<T>>>
  /** The steps that there are checkpoints of, newest first. */
  readonly steps: TE.TaskEither<DataFault, readonly number[]>
}

/** All tensors in host memory, also those of devices that are read asynchronously; copied, so that donation does not reach them. */
const held = async <T>(value: T): Promise<T> => {
  const { leaves, structure } = tree.flatten(value)
  const copies = leaves.map(async (leaf) =>
    isTensor(leaf) ? hostTensor(aval(leaf.shape, leaf.dtype, leaf.aval.weak), await leaf.read()) : leaf,
  )
  return tree.unflatten(structure, await Promise.all(copies))
}

const digits = 12

const checkStep = (step: number): number => check('checkpoints', 'step', wholeWithin(0, 10 ** digits - 1), step)

const checkpointOptions = optionsOf<CheckpointOptions<unknown>>({
  dir: text,
  like: anything,
  keep: positiveWhole,
  prefix: text,
  files: record,
  maxBytes: nonNegative,
})

/**
 * The checkpoints of a training in a folder. A process that is killed at any moment leaves the last whole one behind, and a run that
 * continues from it takes the same steps, bit for bit.
 *
 * @throws ValueError unless `keep` is a positive integer and `prefix` a plain name.
 * @example
 * const initial = { params, key, epoch: 0 }
 * const kept = checkpoints({ dir: 'run', like: initial, files: memoryFiles() })
 * await kept.save(10, initial)()   // a Right of 'run/checkpoint-000000000010.safetensors'
 * const found = await kept.latest()   // a Right of a Some: { step: 10, value, path, skipped: [] }
 */
export const checkpoints = <T>(options: CheckpointOptions<T>): Checkpoints<T> => {
  check('checkpoints', 'options', record, options)
  const {
    dir,
    like,
    keep = 3,
    prefix = 'checkpoint',
    files = nodeFiles,
    ...bounds
  } = checkpointOptions('checkpoints', options) as CheckpointOptions<T>
  check('checkpoints', 'dir', text, dir)
  if (!/^[\w.-]+$/.test(prefix)) fail(ValueError, `checkpoints: prefix must be letters, digits, '.', '-' and '_', got '${prefix}'`)
  const pattern = new RegExp(`^${prefix.replaceAll('.', '\\.')}-(\\d{${digits}})\\.safetensors$`)
  const pathOf = (step: number): string => `${dir}/${prefix}-${String(step).padStart(digits, '0')}.safetensors`

  const stepOf = (name: string): number => Number(pattern.exec(name)?.[1] ?? NaN)
  const names = files.list(dir)
  const stepsIn = (all: readonly string[]): readonly number[] =>
    all
      .map(stepOf)
      .filter((step) => !Number.isNaN(step))
      .sort((a, b) => b - a)
  const steps = pipe(names, TE.map(stepsIn))
  /** A file that a writer which was killed left half done; former releases wrote to `NAME.tmp`. What others are writing now is none. */
  const isLeft = (name: string): boolean => {
    const temporary = temporaryFor(name)
    return temporary === null
      ? name.endsWith('.tmp') && pattern.test(name.slice(0, -4))
      : temporary.abandoned && pattern.test(temporary.target)
  }
  /**
   * After `step`: the older ones beyond `keep`, and what writers that were killed left behind. Later ones stay, whatever they are: with
   * a damaged one among them, what was just saved must not be taken for old.
   */
  const prune = (step: number): TE.TaskEither<DataFault, unknown> =>
    pipe(
      names,
      TE.map((all) => [
        ...stepsIn(all)
          .filter((s) => s <= step)
          .slice(keep)
          .map(pathOf),
        ...all.filter(isLeft).map((name) => `${dir}/${name}`),
      ]),
      TE.chain(TE.traverseSeqArray((path) => files.remove(path))),
    )
  const read = (step: number): TE.TaskEither<DataFault, Checkpoint<T>> =>
    pipe(
      readBounded(pathOf(step), { files, ...bounds }),
      TE.chainEitherK((bytes) => pipe(decodeCheckpoint(bytes), E.chain(matching(like)), E.mapLeft(inPlace(pathOf(step))))),
    )
  const newest = (all: readonly number[], skipped: readonly DataFault[]): TE.TaskEither<DataFault, O.Option<Latest<T>>> =>
    all.length === 0
      ? skipped.length === 0
        ? TE.right(O.none)
        : TE.left(skipped[0]!)
      : pipe(
          read(all[0]!),
          TE.map((c) => O.some({ ...c, path: pathOf(all[0]!), skipped })),
          TE.orElse((fault) => newest(all.slice(1), [...skipped, fault])),
        )
  /** The newest in the folder as it is. Another process may save and remove meanwhile: then the folder is looked at again. */
  const latest = (before: string): TE.TaskEither<DataFault, O.Option<Latest<T>>> =>
    pipe(
      steps,
      TE.chain((all) => {
        const seen = all.join()
        const gone = (f: DataFault): boolean => f._tag === 'NotFound' && seen !== before
        return pipe(
          newest(all, []),
          TE.chain((found) => (O.isSome(found) && found.value.skipped.some(gone) ? latest(seen) : TE.right(found))),
          TE.orElse((f) => (gone(f) ? latest(seen) : TE.left(f))),
        )
      }),
    )
  return {
    save: (step, value) => {
      checkStep(step)
      return pipe(
        TE.fromTask(() => held(value)),
        TE.chain((copy) => files.writeFile(pathOf(step), encodeCheckpoint({ step, value: copy }))),
        TE.chain(() => prune(step)),
        TE.map(() => pathOf(step)),
      )
    },
    load: (step) => read(checkStep(step)),
    latest: latest(''),
    steps,
  }
}
