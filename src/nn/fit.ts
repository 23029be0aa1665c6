/** Whether parameters are those of a layer: the names and sizes that it declares. Compared when it is applied, by their shapes alone. */
import { describe, isRecord } from '../core/describe.js'
import { fail, ShapeError, TreeError } from '../core/errors.js'
import { isTensor } from '../core/tensor.js'

/** The sizes of a parameter; null for one that only the input says. */
export type ParameterSizes = readonly (number | null)[]

const fix = 'the parameters of this very layer: layer.init(key)'

/** @throws TreeError unless `params` is a record with these names. */
export const checkNames = <P>(name: string, params: P, names: readonly string[]): P => {
  if (!isRecord(params))
    return fail(TreeError, `${name}: the parameters must be a record of ${names.join(', ')}, got ${describe(params)}`, { fix })
  const missing = names.find((key) => params[key] === undefined)
  return missing === undefined ? params : fail(TreeError, `${name}: the parameters have no ${missing}`, { fix })
}

/** @throws TreeError for parameters that are missing or no tensors, ShapeError for those of other sizes. */
export const checkSizes = <P>(name: string, params: P, sizes: Readonly<Record<string, ParameterSizes>>): P => {
  const named = checkNames(name, params, Object.keys(sizes)) as Readonly<Record<string, unknown>>
  Object.entries(sizes).forEach(([key, wanted]) => {
    const p = named[key]
    if (!isTensor(p)) return fail(TreeError, `${name}: ${key} must be a tensor, got ${describe(p)}`, { fix })
    const { shape } = p
    if (shape.length === wanted.length && wanted.every((n, k) => n === null || n === shape[k])) return
    fail(ShapeError, `${name}: ${key} is [${shape.join(',')}], not [${wanted.map((n) => n ?? 'any').join(',')}]`, {
      args: { [key]: p },
      fix,
    })
  })
  return params
}
