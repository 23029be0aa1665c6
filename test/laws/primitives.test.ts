/** Every primitive of the registry under every law of primitives. */
import { describe, it } from 'vitest'
import { domains } from '../../laws/domains/index.js'
import type { AnyDomain } from '../../laws/domain.js'
import { primitive } from '../../laws/primitive.js'
import type { AnyPrimitive } from '../../src/ir/primitive.js'
import { primitives } from '../../src/prim/all.js'
import { options } from './options.js'

describe('the laws of primitives', () => {
  for (const [name, prim] of Object.entries<AnyPrimitive>(primitives)) {
    it(name, () => {
      primitive(prim, (domains as Readonly<Record<string, AnyDomain>>)[name]!, options(25))
    })
  }
})
