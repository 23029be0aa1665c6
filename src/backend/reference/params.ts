/** Reading the parameters of routines, which reach a backend as plain data. */
import { DeviceError, fail } from '../../core/errors.js'
import type { HostSite } from './kernel.js'

const wrong = (site: HostSite, name: string, what: string): never => fail(DeviceError, `${site.name}: parameter ${name} is not ${what}`)

/** The integer called `name`. */
export const integer = (site: HostSite, name: string): number => {
  const v = site.params[name]
  return typeof v === 'number' ? v : wrong(site, name, 'a number')
}

/** The boolean called `name`; false when absent. */
export const flag = (site: HostSite, name: string): boolean => site.params[name] === true

/** The string called `name`. */
export const text = (site: HostSite, name: string): string => {
  const v = site.params[name]
  return typeof v === 'string' ? v : wrong(site, name, 'a string')
}

/** The list of integers called `name`. */
export const integers = (site: HostSite, name: string): readonly number[] => {
  const v = site.params[name]
  return Array.isArray(v) ? v : wrong(site, name, 'a list of numbers')
}

/** The list of pairs of integers called `name`. */
export const pairs = (site: HostSite, name: string): readonly (readonly [number, number])[] => {
  const v = site.params[name]
  return Array.isArray(v) ? v : wrong(site, name, 'a list of pairs')
}
