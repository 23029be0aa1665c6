/**
 * A checkpoint as bytes: a safetensors file, so that any tool can look into it, whose metadata holds the shape of the tree, its plain
 * numbers, and a checksum of the whole file.
 */
import { bytes as bytesMeaning, check, count, record } from '../core/check.js'
import { textDecoder, textEncoder } from '../core/text.js'
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import { aval } from '../core/aval.js'
import type { Tensor } from '../core/tensor.js'
import { fail, TreeError } from '../core/errors.js'
import { hostTensor, isTensor, peek } from '../core/tensor.js'
import { unmasked } from '../data/disguise.js'
import type { DataFault } from '../data/fault.js'
import { fault } from '../data/fault.js'
import * as tree from '../tree/index.js'
import { crc32 } from './crc32.js'
import { decodeSafetensors, encodeSafetensors } from './safetensors.js'
import type { Weights } from './weights.js'

/** A moment of training. */
export interface Checkpoint<T> {
  /** Number of the step after which it was taken. */
  readonly step: number
  /** Whatever training continues from: parameters, optimizer state, key, position in the data. */
  readonly value: T
}

const version = '1'
const format = 'adjoint-checkpoint'
/** Where the checksum stands while it is computed. */
const blank = '00000000'

const hex = (n: number): string => n.toString(16).padStart(8, '0')

/**
 * A tree as JSON: `{r: [[key, subtree]...]}` a record, `[...]` a list, a string the name of a tensor (`*` before it for a weak one),
 * `{n: text}` a number, `{s: text}` a string, `{b: digits}` a bigint, `{u: 0}` undefined.
 */
type Shape =
  | string
  | boolean
  | null
  | readonly Shape[]
  | { readonly r: readonly (readonly [string, Shape])[] }
  | { readonly n: string }
  | { readonly s: string }
  | { readonly b: string }
  | { readonly u: 0 }

/** Numbers as text that gives the same bits back. */
const numberText = (x: number): string => (Object.is(x, -0) ? '-0' : String(x))

/** A static leaf as JSON. @throws TreeError for a function: no file can hold one. */
const staticShape = (x: tree.Static): Shape => {
  if (typeof x === 'string') return { s: x }
  if (typeof x === 'bigint') return { b: String(x) }
  if (typeof x === 'boolean') return x
  return fail(
    TreeError,
    `encodeCheckpoint: the tree holds ${x.name === '' ? 'a function' : `the function ${x.name}`}, which a file cannot`,
    {
      fix: 'its name as a string, or leave it out of what is saved',
    },
  )
}

const shapeOf = (value: unknown): { readonly shape: Shape; readonly tensors: Weights } => {
  const { leaves, structure } = tree.flatten(value)
  const tensors: [string, Tensor][] = []
  let at = 0
  const leaf = (x: tree.Leaf): Shape => {
    if (typeof x === 'boolean') return x
    if (typeof x === 'number') return { n: numberText(x) }
    const name = `t${tensors.length}`
    tensors.push([name, x])
    return x.aval.weak ? `*${name}` : name
  }
  const visit = (s: tree.Structure): Shape => {
    switch (s.kind) {
      case 'leaf':
        return leaf(leaves[at++]!)
      case 'null':
        return null
      case 'undefined':
        return { u: 0 }
      case 'static':
        return staticShape(s.statics[0]!)
      case 'list':
        return s.children.map(visit)
      case 'record': {
        const children = new Map(s.sorted.map((key, i) => [key, visit(s.children[i]!)]))
        return { r: s.keys.map((key) => [key, children.get(key)!] as const) }
      }
    }
  }
  const shape = visit(structure)
  return { shape, tensors: Object.fromEntries(tensors) }
}

const textAt = (bytes: Uint8Array, text: string): number => {
  const wanted = textEncoder().encode(text)
  const end = Math.min(bytes.length - wanted.length, 4096)
  for (let at = 0; at <= end; at++) if (wanted.every((b, i) => bytes[at + i] === b)) return at + wanted.length
  return -1
}

const checksumField = '"checksum":"'

/** The checksum of a file in which the checksum itself, at `at`, is blank. */
const checksum = (bytes: Uint8Array, at: number): string =>
  hex(crc32(bytes.subarray(at + 8), crc32(textEncoder().encode(blank), crc32(bytes.subarray(0, at)))))

/**
 * A step and a tree as the bytes of a checkpoint: tensors bit for bit with their dtype and weakness, numbers, booleans, strings,
 * bigints, `null` and `undefined`, records with their order of keys.
 *
 * @throws TreeError for functions and for what no tree holds; TraceError for traced tensors.
 * @example
 * encodeCheckpoint({ step: 100, value: { params, key: random.key(0) } })   // bytes
 */
export const encodeCheckpoint = <T>(checkpoint: Checkpoint<T>): Uint8Array => {
  const { step, value } = check('encodeCheckpoint', 'checkpoint', record, checkpoint)
  check('encodeCheckpoint', 'step', count, step)
  const { shape, tensors } = shapeOf(value)
  const metadata = { checksum: blank, format, version, step: String(step), tree: JSON.stringify(shape) }
  const bytes = encodeSafetensors(tensors, { metadata, checksums: false })
  const at = textAt(bytes, checksumField)
  bytes.set(textEncoder().encode(checksum(bytes, at)), at)
  return bytes
}

const corrupt = (what: string): E.Either<DataFault, never> => E.left(fault('Corrupt', `checkpoint: ${what}`, 'an older checkpoint'))

/** Nesting that no tree of a model has. */
const deepest = 1000

const isRecord = (x: unknown): x is Readonly<Record<string, unknown>> => typeof x === 'object' && x !== null && !Array.isArray(x)

/** Stands for a tree that cannot be built. */
const wrong = Symbol('wrong')

const numbers = /^(NaN|-?Infinity|-?\d+(\.\d+)?(e[+-]?\d+)?)$/

const build = (shape: unknown, tensors: Weights, depth: number): unknown => {
  if (depth > deepest) return wrong
  if (shape === null || typeof shape === 'boolean') return shape
  if (typeof shape === 'string') {
    const weak = shape.startsWith('*')
    const name = weak ? shape.slice(1) : shape
    const x = Object.hasOwn(tensors, name) ? tensors[name]! : undefined
    return x === undefined ? wrong : weak ? hostTensor(aval(x.shape, x.dtype, true), peek(x)) : x
  }
  if (Array.isArray(shape)) {
    const items = shape.map((s) => build(s, tensors, depth + 1))
    return items.includes(wrong) ? wrong : items
  }
  if (!isRecord(shape)) return wrong
  if (shape.u === 0) return undefined
  if (typeof shape.n === 'string') return numbers.test(shape.n) ? Number(shape.n) : wrong
  if (typeof shape.s === 'string') return shape.s
  if (typeof shape.b === 'string') return /^-?\d+$/.test(shape.b) ? BigInt(shape.b) : wrong
  if (!Array.isArray(shape.r)) return wrong
  const entries = shape.r.map((entry: unknown): readonly [string, unknown] =>
    Array.isArray(entry) && entry.length === 2 && typeof entry[0] === 'string'
      ? [entry[0], build(entry[1], tensors, depth + 1)]
      : ['', wrong],
  )
  return entries.some(([, v]) => v === wrong) ? wrong : Object.fromEntries(entries)
}

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return wrong
  }
}

/**
 * The checkpoint in `bytes`, whatever tree it holds; any damage is `Corrupt`. `matching` gives it the type of a tree.
 *
 * @example
 * decodeCheckpoint(encodeCheckpoint({ step: 100, value: { lr: 0.1 } }))   // a Right of { step: 100, value: { lr: 0.1 } }
 */
export const decodeCheckpoint = (bytes: Uint8Array): E.Either<DataFault, Checkpoint<unknown>> => {
  check('decodeCheckpoint', 'bytes', bytesMeaning, bytes)
  const at = textAt(bytes, checksumField)
  if (at < 0 || at + 8 > bytes.length) return pipe(corrupt('this is no checkpoint: it has no checksum'), E.mapLeft(unmasked(bytes)))
  if (textDecoder().decode(bytes.subarray(at, at + 8)) !== checksum(bytes, at)) return corrupt('the checksum is wrong')
  return pipe(
    decodeSafetensors(bytes),
    E.chain(({ tensors, metadata }) => {
      if (metadata.format !== format) return corrupt('this is no checkpoint')
      if (metadata.version !== version)
        return E.left(
          fault('Unsupported', `checkpoint: version ${String(metadata.version).slice(0, 20)}`, 'a newer release of the library'),
        )
      const step = Number(metadata.step)
      if (!Number.isSafeInteger(step) || step < 0) return corrupt(`step ${String(metadata.step).slice(0, 40)}`)
      const shape = parse(metadata.tree ?? '')
      const value = shape === wrong ? wrong : build(shape, tensors, 0)
      return value === wrong ? corrupt('its tree cannot be put together') : E.right({ step, value })
    }),
  )
}

const kindOf = (leaf: tree.Leaf): string => (isTensor(leaf) ? `${leaf.dtype}[${leaf.shape.join(',')}]` : typeof leaf)

/**
 * `checkpoint` as one of trees like `template`; a `Mismatch` that names the place when structures, shapes or dtypes differ.
 *
 * @example
 * matching({ lr: 0 })({ step: 1, value: { lr: 0.1 } })   // a Right of it, typed
 */
export const matching =
  <T>(template: T) =>
  ({ step, value }: Checkpoint<unknown>): E.Either<DataFault, Checkpoint<T>> => {
    const [own, found] = [tree.flatten(template), tree.flatten(value)]
    const mismatch = (what: string): E.Either<DataFault, never> =>
      E.left(fault('Mismatch', `checkpoint of step ${step}: ${what}`, 'a template made by the code that saved it, or another folder'))
    if (!tree.equals(own.structure, found.structure)) {
      const [a, b] = [tree.structurePaths(own.structure), tree.structurePaths(found.structure)]
      const [missing, extra] = [a.filter((p) => !b.includes(p)), b.filter((p) => !a.includes(p))]
      if (missing.length + extra.length === 0)
        return mismatch(`its tree is ${tree.show(found.structure)}, the template ${tree.show(own.structure)}`)
      return mismatch(
        `the tree is another one: ${missing.length} leaves of the template are not in it${missing.length > 0 ? ` ('${missing[0]!}')` : ''}, ` +
          `${extra.length} of its own not in the template${extra.length > 0 ? ` ('${extra[0]!}')` : ''}`,
      )
    }
    const at = own.leaves.findIndex((leaf, i) => kindOf(leaf) !== kindOf(found.leaves[i]!))
    return at < 0
      ? E.right({ step, value: tree.unflatten(own.structure, found.leaves) })
      : mismatch(`${tree.structurePaths(own.structure)[at]!} is ${kindOf(found.leaves[at]!)}, not ${kindOf(own.leaves[at]!)}`)
  }
