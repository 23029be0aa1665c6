/** Files of cases: what is in them, and how their arrays become tensors. */
import { readFile } from 'node:fs/promises'
import type { DType, Tensor } from '../../src/index.js'
import { np } from '../../src/index.js'

/** Anything JSON holds. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }

/** A record of JSON values. */
export type JsonObject = { readonly [key: string]: Json }

/** An array as the files hold it: row-major, numbers that JSON lacks as strings. */
export interface Encoded {
  readonly shape: readonly number[]
  readonly dtype: string
  readonly data: readonly (number | string | boolean)[]
}

/** One case: where it comes from, and everything its file says of it. */
export interface Case extends JsonObject {
  readonly id: string
}

/** A file of cases. */
export interface CaseFile {
  readonly meta: JsonObject
  readonly cases: readonly Case[]
}

const dtypes: Readonly<Record<string, DType>> = {
  f64: 'float64',
  f32: 'float32',
  i32: 'int32',
  u32: 'uint32',
  float64: 'float64',
  float32: 'float32',
  int32: 'int32',
  uint32: 'uint32',
  bool: 'bool',
}

/** The dtype that a file calls `name`. */
export const dtypeOf = (name: string): DType => {
  const dtype = dtypes[name]
  if (dtype === undefined) throw new Error(`unknown dtype ${name}`)
  return dtype
}

const specials: Readonly<Record<string, number>> = { nan: NaN, inf: Infinity, '-inf': -Infinity }

/** An element of an encoded array as a number. */
export const numberOf = (x: number | string | boolean): number => (typeof x === 'string' ? (specials[x] ?? Number(x)) : Number(x))

/** True for encoded arrays. */
export const isEncoded = (x: unknown): x is Encoded =>
  typeof x === 'object' && x !== null && 'shape' in x && 'dtype' in x && 'data' in x && Array.isArray(x.data)

/** An encoded array as a tensor. */
export const decode = ({ shape, dtype, data }: Encoded): Tensor => {
  const flat = np.array(data.map(numberOf), { dtype: dtypeOf(dtype) })
  return np.reshape(flat, shape)
}

/** A JSON value with every encoded array in it made a tensor; numbers stay numbers. */
export const decodeAll = (x: Json): unknown =>
  isEncoded(x)
    ? decode(x)
    : Array.isArray(x)
      ? x.map(decodeAll)
      : typeof x === 'object' && x !== null
        ? Object.fromEntries(Object.entries(x).map(([k, v]) => [k, decodeAll(v)]))
        : x

/** A 0-d float64 tensor. */
export const f64 = (x: number): Tensor => np.array(x, { dtype: 'float64' })

/** Reads a file of cases. */
export const readCases = async (path: string): Promise<CaseFile> => JSON.parse(await readFile(path, 'utf8')) as CaseFile
