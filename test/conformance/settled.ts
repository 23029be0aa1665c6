/** Results wherever they lie, as tensors of the host. */
import { hostTensor } from '../../src/extend.js'
import { isTensor } from '../../src/index.js'

/** A value with every tensor in its lists and records read; on machines that answer later, when it is there. */
export const settled = async (value: unknown): Promise<unknown> => {
  if (isTensor(value)) return value.memory === null ? value : hostTensor(value.aval, await value.read())
  if (Array.isArray(value)) return Promise.all(value.map(settled))
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value
  const entries = await Promise.all(Object.entries(value).map(async ([k, v]) => [k, await settled(v)] as const))
  return Object.fromEntries(entries)
}
