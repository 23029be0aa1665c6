/** Named axes: the dynamic environment that `vmap` and `spmd` push on, and that collectives read. */
import { check, text } from '../core/check.js'
import type { TypedArray } from '../core/dtype.js'
import { fail, TraceError } from '../core/errors.js'
import type { Interpreter } from './bind.js'
import { current } from './bind.js'

/** The members of an axis that run apart from each other, as one of them sees it: threads, processes, machines. */
export interface Group {
  readonly size: number
  /** The position of this member. */
  readonly index: number
  /**
   * What every member gives, by position. All members call it in the same order with as many elements of one dtype, and each waits for all
   * others. What it returns may be overwritten by the next exchange, and is not to be written to.
   */
  readonly exchange: (mine: TypedArray) => readonly TypedArray[]
}

/** An entry of the environment. */
export interface NamedAxis {
  readonly name: string
  readonly size: number
  /** Where the function runs once for every member: the members, as this one sees them. */
  readonly group?: Group
}

/** Finds the innermost axis in force that is called `axisName`. */
const find = (axisName: string): NamedAxis | undefined => {
  for (let i: Interpreter | null = current(); i !== null; i = i.outer) if (i.axis?.name === axisName) return i.axis
  return undefined
}

const unbound = (name: string, axisName: string): never =>
  fail(TraceError, `${name}: no axis is named '${axisName}' here`, { fix: `vmap(f, { axisName: '${axisName}' })` })

/** The size of the named axis in force. @throws TraceError when nothing around has that name */
export const axisSize = (name: string, axisName: string): number => {
  check(name, 'axisName', text, axisName)
  return (find(axisName) ?? unbound(name, axisName)).size
}

/** The members of the named axis in force, where they run apart. @throws TraceError when there are none */
export const groupOf = (name: string, axisName: string): Group => find(axisName)?.group ?? unbound(name, axisName)

/** The named axes in force and their sizes, the innermost first, as a text: what a function may read besides its arguments. */
export const namedAxes = (): string => {
  let axes = ''
  for (let i: Interpreter | null = current(); i !== null; i = i.outer)
    if (i.axis !== undefined) axes += `${JSON.stringify(i.axis.name)}:${i.axis.size} `
  return axes
}
