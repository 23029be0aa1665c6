/** The kernels of convolutions: several modules for each float type, each loaded at first use. */
import type { Caps, Kernel } from '../kernel.js'
import type { Machine } from '../machine.js'
import type { ModuleBuilder } from '../module.js'
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

/** The kernels for `dtype` over the heap of `machine`. */
export const convKernels = ({ caps, library }: Machine, dtype: 'float32' | 'float64'): ConvKernels => {
  const lanes = dtype === 'float32' ? single : double
  return {
    lanes,
    named: (family, name) =>
      library(`convolutions ${family} ${dtype}`, (m) => {
        writers[family](m, lanes, caps)
      })(`${name}_${dtype}`),
  }
}
