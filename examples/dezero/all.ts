/** The sixty steps of *Deep Learning from Scratch 3*, in order. */
import type { Step } from './step.js'
import { step01 } from './step01.js'
import { step02 } from './step02.js'
import { step03 } from './step03.js'
import { step04 } from './step04.js'
import { step05 } from './step05.js'
import { step06 } from './step06.js'
import { step07 } from './step07.js'
import { step08 } from './step08.js'
import { step09 } from './step09.js'
import { step10 } from './step10.js'
import { step11 } from './step11.js'
import { step12 } from './step12.js'
import { step13 } from './step13.js'
import { step14 } from './step14.js'
import { step15 } from './step15.js'
import { step16 } from './step16.js'
import { step17 } from './step17.js'
import { step18 } from './step18.js'
import { step19 } from './step19.js'
import { step20 } from './step20.js'
import { step21 } from './step21.js'
import { step22 } from './step22.js'
import { step23 } from './step23.js'
import { step24 } from './step24.js'
import { step25 } from './step25.js'
import { step26 } from './step26.js'
import { step27 } from './step27.js'
import { step28 } from './step28.js'
import { step29 } from './step29.js'
import { step30 } from './step30.js'
import { step31 } from './step31.js'
import { step32 } from './step32.js'
import { step33 } from './step33.js'
import { step34 } from './step34.js'
import { step35 } from './step35.js'
import { step36 } from './step36.js'
import { step37 } from './step37.js'
import { step38 } from './step38.js'
import { step39 } from './step39.js'
import { step40 } from './step40.js'
import { step41 } from './step41.js'
import { step42 } from './step42.js'
import { step43 } from './step43.js'
import { step44 } from './step44.js'
import { step45 } from './step45.js'
import { step46 } from './step46.js'
import { step47 } from './step47.js'
import { step48 } from './step48.js'
import { step49 } from './step49.js'
import { step50 } from './step50.js'
import { step51 } from './step51.js'
import { step52 } from './step52.js'
import { step53 } from './step53.js'
import { step54 } from './step54.js'
import { step55 } from './step55.js'
import { step56 } from './step56.js'
import { step57 } from './step57.js'
import { step58 } from './step58.js'
import { step59 } from './step59.js'
import { step60 } from './step60.js'

/** Step `n` is `steps[n - 1]`. */
export const steps: readonly Step[] = [
  step01,
  step02,
  step03,
  step04,
  step05,
  step06,
  step07,
  step08,
  step09,
  step10,
  step11,
  step12,
  step13,
  step14,
  step15,
  step16,
  step17,
  step18,
  step19,
  step20,
  step21,
  step22,
  step23,
  step24,
  step25,
  step26,
  step27,
  step28,
  step29,
  step30,
  step31,
  step32,
  step33,
  step34,
  step35,
  step36,
  step37,
  step38,
  step39,
  step40,
  step41,
  step42,
  step43,
  step44,
  step45,
  step46,
  step47,
  step48,
  step49,
  step50,
  step51,
  step52,
  step53,
  step54,
  step55,
  step56,
  step57,
  step58,
  step59,
  step60,
]
