/** Lifetimes of the values of a Program. */
import type { Atom, Program } from './program.js'

/** For every variable, the position of the last equation that reads it; the number of equations for outputs, -1 when nothing does. */
const lastUses = (program: Program): ReadonlyMap<number, number> => {
  const last = new Map<number, number>()
  for (const v of program.inputs) last.set(v.id, -1)
  const use =
    (i: number) =>
    (a: Atom): void => {
      if (a.kind === 'var') last.set(a.id, i)
    }
  program.equations.forEach((e, i) => {
    for (const v of e.outputs) last.set(v.id, -1)
    e.inputs.forEach(use(i))
  })
  program.outputs.forEach(use(program.equations.length))
  return last
}

/** For every equation, the variables that nothing reads after it: those whose last reader it is, and its own unread outputs. */
export const dying = (program: Program): readonly (readonly number[])[] => {
  const dead: number[][] = program.equations.map(() => [])
  const last = lastUses(program)
  program.equations.forEach((e, i) => {
    const met = new Set<number>()
    for (const a of e.inputs)
      if (a.kind === 'var' && last.get(a.id) === i && !met.has(a.id)) {
        met.add(a.id)
        dead[i]!.push(a.id)
      }
    for (const v of e.outputs) if (last.get(v.id) === -1) dead[i]!.push(v.id)
  })
  return dead
}
