/** Writing an event file while a run goes on. */
import { optionsOf } from '../core/options.js'
import { callable, check, record, text } from '../core/check.js'
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { fail, ValueError } from '../core/errors.js'
import type { DataFault } from '../data/fault.js'
import { fault } from '../data/fault.js'
import type { Files } from '../data/files.js'
import { nodeFiles } from '../data/nodeFiles.js'
import { joinBytes } from '../data/joinBytes.js'
import type { EventSummary } from './events.js'
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
  readonly write: (step: number, summaries: readonly EventSummary[]) => void
  /** Appends what was noted to the file. What could not be written is kept, and comes first the next time. */
  readonly flush: TE.TaskEither<DataFault, void>
}

const writers = optionsOf<EventWriterOptions>({ dir: text, files: record, now: callable })

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
export const eventWriter = (options: EventWriterOptions): TE.TaskEither<DataFault, EventWriter> => {
  check('eventWriter', 'options', record, options)
  const { dir, files = nodeFiles, now = Date.now } = writers('eventWriter', options)
  check('eventWriter', 'dir', text, dir)
  return pipe(
    files.list(dir),
    TE.chain((names) => {
      const begin = now() / 1000
      const plain = `events.out.tfevents.${Math.floor(begin)}.adjoint`
      const taken = new Set(names)
      const free = (k: number): number => (taken.has(`${plain}.${k}`) ? free(k + 1) : k)
      const first = encodeRecords([versionRecord(begin)])
      const claim = files.create ?? (() => TE.right(true))
      /** Nobody else's file: an empty one, which the first record then goes to. */
      const make = (path: string): TE.TaskEither<DataFault, boolean> =>
        pipe(
          claim(path, new Uint8Array()),
          TE.chain((made) =>
            made
              ? pipe(
                  files.append(path, first),
                  TE.map(() => true),
                )
              : TE.right(false),
          ),
        )
      /** Another writer may take a name between the listing and the making: then the next one. */
      const begun = (k: number): TE.TaskEither<DataFault, string> => {
        const path = `${dir}/${k === 0 ? plain : `${plain}.${k}`}`
        return pipe(
          make(path),
          TE.chain((made) => (made ? TE.right(path) : begun(k + 1))),
        )
      }
      return pipe(
        begun(taken.has(plain) ? free(1) : 0),
        TE.map((path) => writerTo(path, first.length, files, now)),
      )
    }),
  )
}

/** Appends to a file of which the first `written` bytes are known to be whole records. */
const writerTo = (path: string, begun: number, files: Files, now: () => number): EventWriter => {
  const pending: Uint8Array[] = []
  let written = begun
  let torn = false
  let before: Promise<unknown> = Promise.resolve()
  /** After a failure the file may end within a record, which would hide all that follows: then it is written anew up to there. */
  const put = (bytes: Uint8Array): TE.TaskEither<DataFault, void> =>
    torn
      ? pipe(
          files.sizeOf(path),
          TE.chain((size) =>
            size === written
              ? files.append(path, bytes)
              : pipe(
                  files.readRange(path, 0, written),
                  TE.chain((whole) => files.writeFile(path, joinBytes([whole, bytes]))),
                ),
          ),
        )
      : files.append(path, bytes)
  const write = async (): Promise<E.Either<DataFault, void>> => {
    const all = pending.splice(0)
    if (all.length === 0) return E.right(undefined)
    const bytes = joinBytes(all)
    const done = await TE.tryCatch(put(bytes), (error) => fault('Unwritable', `${path}: ${String(error)}`))()
    const result: E.Either<DataFault, void> = E.isLeft(done) ? done : done.right
    torn = E.isLeft(result)
    if (torn) pending.unshift(...all)
    else written += bytes.length
    return result
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
