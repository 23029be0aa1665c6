/** Loop kernels compared by what they do: two with the same text have the same code. */
import { operandsOf } from '../kernel/scalar.js'
import type { LoopKernel, Value } from './kernels.js'

const number = (x: number): string => (Object.is(x, -0) ? '-0' : String(x))

/** A text that equal values of one kernel share. */
export const keyOf = (v: Value): string => {
  switch (v.op) {
    case 'load':
      return `load ${v.input} ${v.offset} ${v.dtype} ${v.strides.join()}`
    case 'gather':
      return `gather ${v.input} ${v.offset} ${v.dtype} ${v.strides.join()} ${v.at.join()} ${v.scales.join()} ${v.test ?? ''}`
    case 'const':
      return `${v.dtype} ${number(v.value)}`
    case 'index':
      return `index ${v.axis} ${v.scale} ${v.offset}`
    case 'reduce':
      return `reduce ${v.combine} ${v.x} ${v.dtype}`
    default:
      return `${v.op} ${operandsOf<number>(v).join(' ')} ${v.dtype}`
  }
}

/** A text that kernels share which differ only in the arrays that they read and write. */
export const structureOf = ({ outer, inner, inputs, values, outputs }: LoopKernel): string =>
  [
    `${outer.join()}|${inner.join()}|${inputs.length}`,
    ...values.map(keyOf),
    ...outputs.map((o) => `${o.value} ${o.perRow ? 'row' : 'full'} ${o.variable.aval.dtype} ${o.strides.join()}`),
  ].join('\n')
