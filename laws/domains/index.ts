/** The registry's domains: one for each primitive of the library; one that is missing does not compile. */
import type { primitives } from '../../src/extend.js'
import type { Domains } from '../domain.js'
import { callbackDomains } from './callback.js'
import { contractDomains } from './contract.js'
import { arithmeticDomains, discreteDomains, transcendentalDomains } from './elementwise.js'
import { collectiveDomains, indexingDomains } from './indexing.js'
import { reduceDomains, structureDomains } from './structure.js'

/** Where every primitive of the library is defined and differentiable. */
export const domains: Domains<typeof primitives> = {
  ...arithmeticDomains,
  ...transcendentalDomains,
  ...discreteDomains,
  ...structureDomains,
  ...reduceDomains,
  ...contractDomains,
  ...indexingDomains,
  ...collectiveDomains,
  ...callbackDomains,
}
