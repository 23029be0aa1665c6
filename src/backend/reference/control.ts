/** Control flow: primitives that hold Programs. */
import { dtypes, type TypedArray } from '../../core/dtype.js'
import type { Kernel, Routine } from './kernel.js'
import { flag, integer, program, programs } from './params.js'

const call: Routine = (site) => site.compile(program(site, 'program'))

/** `[index, ...operands]` to the outputs of the branch that `index`, clamped, chooses. */
const cond: Routine = (site) => {
  const branches = programs(site, 'branches').map(site.compile)
  const last = branches.length - 1
  return (inputs) => branches[Math.min(Math.max(inputs[0]![0]!, 0), last)]!(inputs.slice(1))
}

/** `[condConsts..., bodyConsts..., carry...]` to the carry for which the condition fails. */
const whileLoop: Routine = (site) => {
  const test = site.compile(program(site, 'cond'))
  const body = site.compile(program(site, 'body'))
  const a = integer(site, 'condConsts')
  const b = a + integer(site, 'bodyConsts')
  return (inputs) => {
    const testConsts = inputs.slice(0, a)
    const bodyConsts = inputs.slice(a, b)
    let carry: readonly TypedArray[] = inputs.slice(b)
    while (test([...testConsts, ...carry])[0]![0] !== 0) carry = body([...bodyConsts, ...carry])
    return carry
  }
}

/** `[consts..., carry..., xs...]` to `[carry..., ys...]`, slice by slice along the leading axis. */
const scan: Routine = (site) => {
  const body: Kernel = site.compile(program(site, 'body'))
  const length = integer(site, 'length')
  const backwards = flag(site, 'reverse')
  const consts = integer(site, 'consts')
  const carried = integer(site, 'carry')
  const first = consts + carried
  const widths = site.ins.slice(first).map((a) => (length === 0 ? 0 : a.size / length))
  const stacked = site.outs.slice(carried)
  const heights = stacked.map((a) => (length === 0 ? 0 : a.size / length))
  return (inputs) => {
    const ys = stacked.map((a) => dtypes[a.dtype].make(a.size))
    const given = inputs.slice()
    for (let step = 0; step < length; step++) {
      const t = backwards ? length - 1 - step : step
      // Slices are copies: a carry that is one of them must not keep the whole array alive.
      widths.forEach((w, k) => {
        given[first + k] = inputs[first + k]!.slice(t * w, (t + 1) * w)
      })
      const results = body(given)
      for (let k = 0; k < carried; k++) given[consts + k] = results[k]!
      heights.forEach((h, k) => {
        ys[k]!.set(results[carried + k]!, t * h)
      })
    }
    return [...given.slice(consts, first), ...ys]
  }
}

/** By name. */
export const controlRoutines: Readonly<Record<string, Routine>> = { call, checkpoint: call, cond, scan, while: whileLoop }
