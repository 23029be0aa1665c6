/** The kernels of convolutions: one module for both float types, loaded at first use. */
import type { Kernel } from '../kernel.js'
import type { Machine } from '../machine.js'
import { moduleBuilder } from '../module.js'
import { double, single, type Lanes } from '../gemm/lanes.js'
import { tileFor } from '../gemm/tile.js'
import { writeDots } from './dots.js'
import { writeFew } from './few.js'
import { writeFinite } from './finite.js'
import { writeImages } from './images.js'
import { writeStrips } from './strips.js'

/** Kernels of one float type. */
export interface ConvKernels {
  readonly lanes: Lanes
  readonly named: (name: string) => Kernel
}

const loaded = new WeakMap<Machine, ReturnType<Machine['load']>>()

const load = (machine: Machine): ReturnType<Machine['load']> => {
  const builder = moduleBuilder(machine.caps.shared)
  for (const l of [single, double]) {
    writeImages(builder, l)
    writeFinite(builder, l)
    writeStrips(builder, l, tileFor(machine.caps))
    writeFew(builder, l, machine.caps.fma)
    writeDots(builder, l, machine.caps.fma)
  }
  return machine.load(builder.finish())
}

/** The kernels for `dtype` over the heap of `machine`. */
export const convKernels = (machine: Machine, dtype: 'float32' | 'float64'): ConvKernels => {
  let find = loaded.get(machine)
  if (find === undefined) loaded.set(machine, (find = load(machine)))
  const of = find
  return { lanes: dtype === 'float32' ? single : double, named: (name) => of(`${name}_${dtype}`) }
}
