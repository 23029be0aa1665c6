/** Every program of the gallery, by the name that the command takes. */
import type { Example } from './example.js'
import { ensemble } from './ensemble.js'
import { gan } from './gan.js'
import { gradCam } from './gradCam.js'
import { hmc } from './hmc.js'
import { maml } from './maml.js'
import { neuralOde } from './neuralOde.js'
import { newton } from './newton.js'
import { physics } from './physics.js'
import { privateSgd } from './privateSgd.js'
import { sinLstm, sinRnn } from './sinCurve.js'
import { styleTransfer } from './styleTransfer.js'
import { vae } from './vae.js'

/** The gallery. */
export const gallery = {
  'sin-rnn': sinRnn,
  'sin-lstm': sinLstm,
  gan,
  vae,
  'grad-cam': gradCam,
  'style-transfer': styleTransfer,
  'neural-ode': neuralOde,
  maml,
  physics,
  hmc,
  'private-sgd': privateSgd,
  ensemble,
  newton,
} as const satisfies Readonly<Record<string, Example>>

/** The name of an example. */
export type Name = keyof typeof gallery

/** Whether an example is called so. */
export const isName = (name: string): name is Name => Object.hasOwn(gallery, name)
