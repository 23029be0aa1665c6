/**
 * Models in several safetensors files. A save writes files that no other save has written, then their index in one step: whoever opens
 * the model, at any moment and after any interruption, finds the old one or the new one, whole.
 */
import { meaningsOf, optionsOf } from '../core/options.js'
import { check, positive, record, text } from '../core/check.js'
import { textEncoder } from '../core/text.js'
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { dtypes } from '../core/dtype.js'
import type { Tensor } from '../core/tensor.js'
import type { DataFault } from '../data/fault.js'
import { fault } from '../data/fault.js'
import type { Files } from '../data/files.js'
import { nodeFiles } from '../data/nodeFiles.js'
import { unique } from '../data/temporary.js'
import type { EncodeSafetensorsOptions } from './safetensors.js'
import { encodeSafetensors, safetensorsMeanings } from './safetensors.js'
import type { ShardIndex } from './shardIndex.js'
import { readIndex, shardName, shardOf } from './shardIndex.js'
import type { FilesOption, OpenOptions, TensorFile } from './tensorFile.js'
import { openOptions, allOf, openSafetensors, unknownName } from './tensorFile.js'
import type { Weights } from './weights.js'
import { toWeights } from './weights.js'

/** Options of `saveSharded`. */
export interface ShardOptions extends EncodeSafetensorsOptions, FilesOption {
  /** Bytes of tensors in one file, unless a single tensor has more: 4 GiB by default. */
  readonly maxShardBytes?: number
}

const bytesOf = (x: Tensor): number => x.size * dtypes[x.dtype].bytes

/** Weights in groups of at most `max` bytes, in their order. */
const groupsOf = (weights: Weights, max: number): readonly Weights[] => {
  const groups: [string, Tensor][][] = []
  let room = 0
  for (const entry of Object.entries(weights)) {
    const length = bytesOf(entry[1])
    if (groups.length === 0 || length > room) {
      groups.push([])
      room = max
    }
    groups[groups.length - 1]!.push(entry)
    room -= length
  }
  return groups.map((group) => Object.fromEntries(group))
}

/** The folder of a path, as far as the last separator, and the name after it. */
const splitPath = (path: string): readonly [folder: string, name: string] => {
  const at = Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1
  return [path.slice(0, at), path.slice(at)]
}

/** The index that is there; null when there is none. One that cannot be read names no files, and is replaced. */
const present = (path: string, files: Files): TE.TaskEither<DataFault, ShardIndex | null> =>
  pipe(
    readIndex(path, files),
    TE.orElse((f): TE.TaskEither<DataFault, ShardIndex | null> =>
      f._tag === 'NotFound' ? TE.right(null) : f._tag === 'Corrupt' || f._tag === 'TooLarge' ? TE.right(new Map()) : TE.left(f),
    ),
  )

/**
 * Writes a group under a name that no other save has: the plain one for the first model of a folder, where nobody has it yet. Says the
 * name. A file that an index may name is never written again.
 */
const saveGroup = (path: (own?: string) => string, bytes: Uint8Array, plain: boolean, files: Files): TE.TaskEither<DataFault, string> => {
  const own = path(unique())
  const write = files.create ?? ((p: string, b: Uint8Array) => TE.map(() => true)(files.writeFile(p, b)))
  const withOwnName = pipe(
    write(own, bytes),
    TE.map(() => own),
  )
  return plain && files.create !== undefined
    ? pipe(
        files.create(path(), bytes),
        TE.chain((made) => (made ? TE.right(path()) : withOwnName)),
      )
    : withOwnName
}

/** Removes what it can: what stays is in nobody's way. */
const removeAll = async (paths: readonly string[], files: Files): Promise<void> => {
  for (const path of paths) await files.remove(path)()
}

const shardOptions = optionsOf<ShardOptions>(meaningsOf(safetensorsMeanings, { files: record, maxShardBytes: positive }))

/**
 * Writes the tensors of a tree as safetensors files `NAME-00001-of-00003.safetensors` and their index, `NAME.safetensors.index.json`,
 * which comes last: where it is, everything is. A save over an older one gives its files names of their own and removes the older files
 * when the new index is in place, so that the model is the old one or the new one at every moment, also for several saves at once.
 * Returns the path of the index, for `openSharded`.
 *
 * @throws ValueError unless `maxShardBytes` is positive.
 * @example no-run
 * await saveSharded('model/model', params, { maxShardBytes: 2 ** 30 })()
 */
export const saveSharded = (base: string, params: unknown, given: ShardOptions = {}): TE.TaskEither<DataFault, string> => {
  const { files = nodeFiles, maxShardBytes = 2 ** 32, ...options } = shardOptions('saveSharded', given)
  check('saveSharded', 'base', text, base)
  const [folder, name] = splitPath(base)
  const path = `${base}.safetensors.index.json`
  const weights = toWeights(params)
  const groups = groupsOf(weights, maxShardBytes)
  const total = Object.values(weights)
  const metadata = { total_parameters: total.reduce((n, x) => n + x.size, 0), total_size: total.reduce((n, x) => n + bytesOf(x), 0) }
  return async () => {
    const before = await present(path, files)()
    if (E.isLeft(before)) return before
    const written: string[] = []
    const map: [string, string][] = []
    for (const [k, group] of groups.entries()) {
      const pathOf = (own?: string): string => folder + shardName(name, k, groups.length, own)
      const saved = await saveGroup(pathOf, encodeSafetensors(group, options), before.right === null, files)()
      if (E.isLeft(saved)) {
        await removeAll(written, files)
        return saved
      }
      written.push(saved.right)
      for (const key of Object.keys(group)) map.push([key, saved.right.slice(folder.length)])
    }
    // Another save may have come first: its files are the older ones then.
    const older = await present(path, files)()
    const index = textEncoder().encode(JSON.stringify({ metadata, weight_map: Object.fromEntries(map) }, null, 2))
    const renamed = await files.writeFile(path, index)()
    if (E.isLeft(renamed)) {
      await removeAll(written, files)
      return renamed
    }
    await removeAll(await unneeded(folder, name, path, new Set(written), E.isRight(older) ? older.right : null, files), files)
    return E.right(path)
  }
}

/** The files that the index before this one named, and those of saves that were interrupted long ago. */
const unneeded = async (
  folder: string,
  name: string,
  path: string,
  written: ReadonlySet<string>,
  older: ShardIndex | null,
  files: Files,
): Promise<readonly string[]> => {
  const now = await present(path, files)()
  if (E.isLeft(now) || now.right === null) return []
  const kept = new Set([...written, ...[...now.right.values()].map((file) => folder + file)])
  const listed = await files.list(folder === '' ? '.' : folder.slice(0, -1) || '/')()
  const replaced = [...new Set(older?.values())].filter((file) => shardOf(name, file) !== null)
  const left = E.isRight(listed) ? listed.right.filter((file) => shardOf(name, file)?.abandoned === true) : []
  return [...new Set([...replaced, ...left])].map((file) => folder + file).filter((file) => !kept.has(file))
}

/** How often an index is read again when another save has replaced it meanwhile. */
const tries = 5

/**
 * Opens a model in several safetensors files by its index, `NAME.safetensors.index.json`: reads the headers of all files, and tensors
 * when they are asked for. Files are looked for in the folder of the index and nowhere else.
 *
 * @example no-run
 * const model = await openSharded('model.safetensors.index.json')()   // a Right of a TensorFile
 */
export const openSharded = (path: string, options: OpenOptions = {}): TE.TaskEither<DataFault, TensorFile> => {
  const { files = nodeFiles } = openOptions('openSharded', options)
  check('openSharded', 'path', text, path)
  const [folder] = splitPath(path)
  const opened = (index: ShardIndex): TE.TaskEither<DataFault, TensorFile> =>
    pipe(
      [...new Set(index.values())],
      TE.traverseSeqArray((name) =>
        pipe(
          openSafetensors(folder + name, options),
          TE.map((file) => [name, file] as const),
        ),
      ),
      TE.chainEitherK((shards) => joined(path, index, new Map(shards))),
    )
  const attempt = (left: number, seen: string): TE.TaskEither<DataFault, TensorFile> =>
    pipe(
      readIndex(path, files),
      TE.chain((index) => {
        const text = JSON.stringify([...index])
        return pipe(
          opened(index),
          // A file that is gone although the index names it: a save has finished meanwhile, and the index is another one by now.
          TE.orElse((f) => (f._tag === 'NotFound' && left > 1 && text !== seen ? attempt(left - 1, text) : TE.left(f))),
        )
      }),
    )
  return attempt(tries, '')
}

/** The tensors of all files as those of one. */
const joined = (path: string, index: ShardIndex, shards: ReadonlyMap<string, TensorFile>): E.Either<DataFault, TensorFile> => {
  const at = (name: string): TensorFile => shards.get(index.get(name)!)!
  const tensors: [string, TensorFile['tensors'][string]][] = []
  const left: [string, DataFault][] = []
  for (const [name, file] of index) {
    const shard = at(name)
    if (Object.hasOwn(shard.tensors, name)) tensors.push([name, shard.tensors[name]!])
    else if (Object.hasOwn(shard.skipped, name)) left.push([name, shard.skipped[name]!])
    else return E.left(fault('Corrupt', `${path}: '${name}' is not in ${file}`, 'fetch both again'))
  }
  const found = Object.fromEntries(tensors)
  const skipped = Object.fromEntries(left)
  const read: TensorFile['read'] = (name) => (Object.hasOwn(found, name) ? at(name).read(name) : unknownName(path, name, skipped))
  const metadata = Object.assign({}, ...[...shards.values()].map((file) => file.metadata)) as Readonly<Record<string, string>>
  return E.right({ tensors: found, metadata, skipped, read, readAll: allOf(found, read) })
}
