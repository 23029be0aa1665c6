/** Writing an event file while a run goes on. */
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { fail, ValueError } from '../core/errors.js'
import type { DataFault } from '../data/fault.js'
import { nodeFiles } from '../data/nodeFiles.js'
import { joinBytes } from '../data/joinBytes.js'
import type { Summary } from './events.js'
import { eventRecord, versionRecord } from './events.js'
import { encodeRecords } from './records.js'
import type { FilesOption } from './tensorFile.js'

/** Options of `eventWriter`. */
export interface EventWriterOptions extends FilesOption {
  /** The run's folder: `runs/mlp`; TensorBoard takes the folder above it. */
  readonly dir: string
  /** Milliseconds since 1970; the platform's clock by default. */
  readonly now?: () => number
}

/** An event file that grows. */
export interface EventWriter {
  readonly path: string
  /** Notes what was seen at a step, with the time of this call. Nothing is written before `flush`, so a loop need not wait. */
  readonly write: (step: number, summaries: readonly Summary[]) => void
  /** Appends what was noted to the file. What could not be written is kept, and comes first the next time. */
  readonly flush: TE.TaskEither<DataFault, void>
}

/**
 * A new event file in `dir`, for TensorBoard: `tensorboard --logdir runs`.
 *
 * @example
 * const files = memoryFiles()
 * const opened = await eventWriter({ dir: 'runs/mlp', files, now: () => 1700000000000 })()
 * if (E.isRight(opened)) {
 *   const writer = opened.right
 *   for (let step = 1; step <= 3; step++) writer.write(step, [scalarSummary('loss', 1 / step)])
 *   await writer.flush()
 * }
 * await files.list('runs/mlp')()   // a Right of ['events.out.tfevents.1700000000.adjoint']
 */
export const eventWriter = ({ dir, files = nodeFiles, now = Date.now }: EventWriterOptions): TE.TaskEither<DataFault, EventWriter> =>
  pipe(
    files.list(dir),
    TE.chain((names) => {
      const begin = now() / 1000
      const plain = `events.out.tfevents.${Math.floor(begin)}.adjoint`
      const taken = new Set(names)
      const free = (k: number): string => (taken.has(`${plain}.${k}`) ? free(k + 1) : `${plain}.${k}`)
      const path = `${dir}/${taken.has(plain) ? free(1) : plain}`
      return pipe(
        files.append(path, encodeRecords([versionRecord(begin)])),
        TE.map(() => writerTo(path, files.append, now)),
      )
    }),
  )

const writerTo = (path: string, append: NonNullable<FilesOption['files']>['append'], now: () => number): EventWriter => {
  const pending: Uint8Array[] = []
  let before: Promise<unknown> = Promise.resolve()
  const write = async (): Promise<E.Either<DataFault, void>> => {
    const all = pending.splice(0)
    if (all.length === 0) return E.right(undefined)
    const written = await append(path, joinBytes(all))()
    if (E.isLeft(written)) pending.unshift(...all)
    return written
  }
  return {
    path,
    write: (step, summaries) => {
      if (!Number.isSafeInteger(step)) fail(ValueError, `eventWriter: step must be an integer, got ${step}`)
      pending.push(encodeRecords([eventRecord({ wallTime: now() / 1000, step, summaries })]))
    },
    // One after the other: two at once would exchange their order.
    flush: () => {
      const done = before.then(write)
      before = done
      return done
    },
  }
}
