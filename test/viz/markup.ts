/** Markup as tests look at it. */
import { expect } from 'vitest'

/** Throws unless every tag is closed in order: enough of a parser to catch markup that a browser would refuse. */
export const balanced = (svg: string): void => {
  const open: string[] = []
  for (const [, close, name, attributes, self] of svg.matchAll(/<(\/?)([a-z]+\d?)((?:\s+[\w:-]+="[^"<]*")*)\s*(\/?)>/g)) {
    if (close === '/') expect(open.pop()).toBe(name)
    else if (self !== '/') open.push(name!)
    expect(attributes).not.toMatch(/NaN|Infinity|undefined|="-?\d+(\.\d+)?e/)
  }
  expect(open).toEqual([])
  expect(svg.replace(/<[^<>]*>/g, '')).not.toMatch(/[<>]/)
}
