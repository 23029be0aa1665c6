/** The order of work of a Program: every value a slot, every slot dropped after its last use. */
import type { Aval } from '../core/aval.js'
import type { Equation, Program } from '../ir/program.js'
import { dying } from '../ir/liveness.js'

/** One equation with the slots that it reads and writes, and those that nothing reads after it. */
export interface PlannedStep {
  readonly equation: Equation
  readonly inputs: readonly number[]
  readonly outputs: readonly number[]
  readonly drop: readonly number[]
}

/** A Program over numbered slots: the first are its inputs, in order; literals and what the steps define follow. */
export interface SlotPlan {
  readonly slots: number
  readonly literals: readonly { readonly slot: number; readonly value: number; readonly aval: Aval }[]
  readonly steps: readonly PlannedStep[]
  readonly outputs: readonly number[]
}

/** Numbers the values of `program`. Equal literals share a slot; `-0` and NaN are kept apart from `0`. */
export const plan = (program: Program): SlotPlan => {
  const slotOf = new Map<number, number>()
  let slots = 0
  const define = (id: number): number => {
    slotOf.set(id, slots)
    return slots++
  }
  for (const v of program.inputs) define(v.id)

  const literals: SlotPlan['literals'][number][] = []
  const known = new Map<Aval, Map<number | string, number>>()
  const slot = (a: Program['outputs'][number]): number => {
    if (a.kind === 'var') return slotOf.get(a.id)!
    let same = known.get(a.aval)
    if (same === undefined) known.set(a.aval, (same = new Map()))
    const key = Object.is(a.value, -0) ? '-0' : a.value
    let at = same.get(key)
    if (at === undefined) {
      same.set(key, (at = slots++))
      literals.push({ slot: at, value: a.value, aval: a.aval })
    }
    return at
  }
  const dead = dying(program)
  const steps = program.equations.map((equation, i): PlannedStep => {
    const inputs = equation.inputs.map(slot)
    const outputs = equation.outputs.map((v) => define(v.id))
    return { equation, inputs, outputs, drop: dead[i]!.map((id) => slotOf.get(id)!) }
  })
  const outputs = program.outputs.map(slot)
  return { slots, literals, steps, outputs }
}
