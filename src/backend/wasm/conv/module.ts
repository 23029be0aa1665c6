/** The kernels of convolutions: several modules for each float type, each loaded at first use. */
import type { Caps, Kernel } from '../kernel.js'
import type { Machine } from '../machine.js'
import { moduleBuilder, type ModuleBuilder } from '../module.js'
import { double, single, type Lanes } from '../gemm/lanes.js'
import { tileFor } from '../gemm/tile.js'
import { writeDots } from './dots.js'
import { writeFew } from './few.js'
import { writeFinite } from './finite.js'
import { writeImages } from './images.js'
import { writeStrips } from './strips.js'

const writers = {
  images: (m: ModuleBuilder, l: Lanes): void => {
    writeImages(m, l)
    writeFinite(m, l)
  },
  strips: (m: ModuleBuilder, l: Lanes, caps: Caps): void => {
    writeStrips(m, l, tileFor(caps))
  },
  few: (m: ModuleBuilder, l: Lanes, { fma }: Caps): void => {
    writeFew(m, l, fma)
  },
  dots: (m: ModuleBuilder, l: Lanes, { fma }: Caps): void => {
    writeDots(m, l, fma)
  },
} as const

/** A module of kernels. */
export type Family = keyof typeof writers

/** Kernels of one float type, by the module that they are in and their name. */
export interface ConvKernels {
  readonly lanes: Lanes
  readonly named: (family: Family, name: string) => Kernel
}

const loaded = new WeakMap<Machine, Map<Lanes, ConvKernels>>()

const kernelsOf = (machine: Machine, lanes: Lanes): ConvKernels => {
  const modules = new Map<Family, ReturnType<Machine['load']>>()
  const load = (family: Family): ReturnType<Machine['load']> => {
    const builder = moduleBuilder(machine.caps.shared)
    writers[family](builder, lanes, machine.caps)
    const find = machine.load(builder.finish())
    modules.set(family, find)
    return find
  }
  return { lanes, named: (family, name) => (modules.get(family) ?? load(family))(`${name}_${lanes.dtype}`) }
}

/** The kernels for `dtype` over the heap of `machine`. */
export const convKernels = (machine: Machine, dtype: 'float32' | 'float64'): ConvKernels => {
  const lanes = dtype === 'float32' ? single : double
  let known = loaded.get(machine)
  if (known === undefined) loaded.set(machine, (known = new Map()))
  let kernels = known.get(lanes)
  if (kernels === undefined) known.set(lanes, (kernels = kernelsOf(machine, lanes)))
  return kernels
}
