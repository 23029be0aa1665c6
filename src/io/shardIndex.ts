/**
 * A model in several safetensors files and their index, `NAME.safetensors.index.json`, which says of every tensor the file that holds it.
 * The index is what makes files a model: whoever reads looks there first, and a new model comes into being when a new index gets its name.
 */
import { textDecoder } from '../core/text.js'
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { DataFault } from '../data/fault.js'
import { fault, inPlace } from '../data/fault.js'
import type { Files } from '../data/files.js'
import { isAbandoned, uniquePattern } from '../data/temporary.js'

/** An index of a sharded model is a few megabytes for the largest there are. */
const maxIndex = 64 * 2 ** 20
const maxShards = 10_000

/** The file that holds each tensor. */
export type ShardIndex = ReadonlyMap<string, string>

const isRecord = (x: unknown): x is Readonly<Record<string, unknown>> => typeof x === 'object' && x !== null && !Array.isArray(x)

/** A name in the index's own folder: nothing that leads out of it. */
const isPlain = (name: unknown): name is string => typeof name === 'string' && /^[^/\\:\0]+$/.test(name) && name !== '.' && name !== '..'

const parseIndex = (bytes: Uint8Array): E.Either<DataFault, ShardIndex> => {
  const corrupt = (what: string): E.Either<DataFault, never> => E.left(fault('Corrupt', `safetensors index: ${what}`))
  let json: unknown
  try {
    json = JSON.parse(textDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    return corrupt('it is no JSON')
  }
  const map = isRecord(json) && Object.hasOwn(json, 'weight_map') ? json.weight_map : undefined
  if (!isRecord(map)) return corrupt('it has no weight_map')
  const bad = Object.entries(map).find(([, file]) => !isPlain(file))
  if (bad !== undefined)
    return corrupt(`'${bad[0]}' is said to be in ${JSON.stringify(bad[1])?.slice(0, 80)}, which is no name of a file beside it`)
  const shards = new Map(Object.entries(map) as [string, string][])
  const count = new Set(shards.values()).size
  return count > maxShards ? corrupt(`${count} files`) : E.right(shards)
}

/** Reads an index. */
export const readIndex = (path: string, files: Files): TE.TaskEither<DataFault, ShardIndex> =>
  pipe(
    files.sizeOf(path),
    TE.chain((size) =>
      size > maxIndex ? TE.left(fault('TooLarge', `${path}: an index of ${size} bytes`)) : files.readFile(path, maxIndex),
    ),
    TE.chainEitherK((bytes) => pipe(parseIndex(bytes), E.mapLeft(inPlace(path)))),
  )

const digits = (n: number): string => String(n).padStart(5, '0')

/** The name of a file of a model; with `own`, one that no other save has. */
export const shardName = (name: string, k: number, count: number, own?: string): string =>
  `${name}-${digits(k + 1)}-of-${digits(count)}${own === undefined ? '' : `-${own}`}.safetensors`

/** What a name says of a file of the model `name`: null when it is none of its files; `abandoned` when it was named by a save long ago. */
export const shardOf = (name: string, file: string): { readonly abandoned: boolean } | null => {
  if (!file.startsWith(`${name}-`)) return null
  const found = new RegExp(`^\\d{5}-of-\\d{5}(?:-${uniquePattern})?\\.safetensors$`).exec(file.slice(name.length + 1))
  return found === null ? null : { abandoned: found[1] !== undefined && isAbandoned(found[1]) }
}
