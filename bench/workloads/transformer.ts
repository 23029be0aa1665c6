/** A step of four transformer blocks (width 256, 4 heads, sequences of 128, batch 8): mean square of the output, gradients, update. */
import type { Tensor } from '../../src/index.js'
import { constant, normal } from '../inputs.js'
import { workload, type Foreign } from '../workload.js'

const [L, B, T, D, heads, F] = [4, 8, 128, 256, 4, 1024]
const [tokens, E] = [B * T, D / heads]
const perBlock = 2 * tokens * (4 * D * D + 2 * D * F) + 4 * B * heads * T * T * E
const rate = 0.1

const inputs = {
  x: normal([B, T, D]),
  qkv: normal([L, D, 3 * D], 0.06),
  out: normal([L, D, D], 0.06),
  up: normal([L, D, F], 0.06),
  down: normal([L, F, D], 0.03),
  scale0: constant([L, D], 1),
  scale1: constant([L, D], 1),
}
const names = ['qkv', 'out', 'up', 'down', 'scale0', 'scale1'] as const
type Block<X> = Readonly<Record<(typeof names)[number], X>>

/** One set of parameters per block, from stacks of them. */
const blocks = <X>(all: Readonly<Record<keyof typeof inputs, X>>, unstack: (x: X) => readonly X[]): readonly Block<X>[] => {
  const lists = names.map((n) => unstack(all[n]))
  return Array.from({ length: L }, (_, l) => Object.fromEntries(names.map((n, i) => [n, lists[i]![l]])) as unknown as Block<X>)
}

export const transformer = [
  workload({
    name: 'transformer step, 4 blocks',
    unit: 'ms',
    inputs,
    tolerance: 1e-4,
    flops: 3 * L * perBlock,
    large: true,
    programs: {
      adjoint: ({ np, nn, jit, valueAndGrad, tree }, all) => {
        const norm = (x: Tensor, scale: Tensor): Tensor => np.mul(nn.standardize(x), scale)
        const block = (x: Tensor, p: Block<Tensor>): Tensor => {
          const split = np.reshape(np.matmul(norm(x, p.scale0), p.qkv), [B, T, 3, heads, E])
          const [q, k, v] = np.unstack(np.transpose(split, [2, 0, 3, 1, 4])) as [Tensor, Tensor, Tensor]
          const weights = nn.softmax(np.mul(np.matmul(q, np.transpose(k, [0, 1, 3, 2])), 1 / Math.sqrt(E)))
          const mixed = np.reshape(np.transpose(np.matmul(weights, v), [0, 2, 1, 3]), [B, T, D])
          const y = np.add(x, np.matmul(mixed, p.out))
          return np.add(y, np.matmul(nn.gelu(np.matmul(norm(y, p.scale1), p.up), { approximate: true }), p.down))
        }
        const loss = (ps: readonly Block<Tensor>[], x: Tensor): Tensor => np.mean(np.square(ps.reduce(block, x)))
        const step = jit(
          (ps: readonly Block<Tensor>[], x: Tensor) => {
            const [value, g] = valueAndGrad(loss)(ps, x)
            return [tree.map((p: Tensor, g: Tensor) => np.sub(p, np.mul(rate, g)), ps, g), value] as const
          },
          { donate: [0] },
        )
        let params = blocks(all, np.unstack)
        return {
          call: () => {
            const [next, value] = step(params, all.x)
            params = next
            return value
          },
          check: () => [params[0]!.qkv, params[0]!.scale0, params[L - 1]!.down],
        }
      },
      jaxjs: ({ numpy: np, nn, jit, valueAndGrad, tree }, all) => {
        const norm = (x: Foreign, scale: Foreign): Foreign => nn.standardize(x, -1, { epsilon: 1e-5 }).mul(scale)
        const block = (x: Foreign, p: Block<Foreign>): Foreign => {
          const split = np.matmul(norm(x.ref, p.scale0), p.qkv).reshape([B, T, 3, heads, E])
          const [q, k, v] = np.split(np.transpose(split, [2, 0, 3, 1, 4]), 3, 0).map((t: Foreign) => t.reshape([B, heads, T, E]))
          const weights = nn.softmax(np.matmul(q, np.transpose(k, [0, 1, 3, 2])).mul(1 / Math.sqrt(E)))
          const mixed = np.transpose(np.matmul(weights, v), [0, 2, 1, 3]).reshape([B, T, D])
          const y = x.add(np.matmul(mixed, p.out))
          return y.ref.add(np.matmul(nn.gelu(np.matmul(norm(y, p.scale1), p.up), { approximate: true }), p.down))
        }
        const loss = (ps: readonly Block<Foreign>[], x: Foreign): Foreign => np.square(ps.reduce(block, x)).mean()
        const step = jit((ps: Foreign, x: Foreign) => {
          const [value, g] = valueAndGrad(loss)(tree.ref(ps), x)
          return [tree.map((p: Foreign, g: Foreign) => p.sub(g.mul(rate)), ps, g), value]
        })
        let params: Foreign = blocks(all, (x: Foreign) => np.unstack(x.ref) as readonly Foreign[])
        return {
          call: () => {
            const [next, value] = step(params, all.x.ref)
            params = next
            return value
          },
          check: () => [params[0].qkv.ref, params[0].scale0.ref, params[L - 1].down.ref],
        }
      },
      tfjs: (tf, all) => {
        const params = blocks(all, (x: Foreign) => (tf.unstack(x) as Foreign[]).map((t) => tf.variable(t)))
        const norm = (x: Foreign, scale: Foreign): Foreign => {
          const { mean, variance } = tf.moments(x, -1, true)
          return tf.mul(tf.mul(tf.sub(x, mean), tf.rsqrt(tf.add(variance, 1e-5))), scale)
        }
        const product = (x: Foreign, w: Foreign): Foreign => tf.reshape(tf.matMul(tf.reshape(x, [tokens, -1]), w), [B, T, -1])
        const gelu = (x: Foreign): Foreign => {
          const inner = tf.mul(Math.sqrt(2 / Math.PI), tf.add(x, tf.mul(0.044715, tf.mul(x, tf.mul(x, x)))))
          return tf.mul(tf.mul(0.5, x), tf.add(1, tf.tanh(inner)))
        }
        const block = (x: Foreign, p: Block<Foreign>): Foreign => {
          const split = tf.reshape(product(norm(x, p.scale0), p.qkv), [B, T, 3, heads, E])
          const [q, k, v] = tf.unstack(tf.transpose(split, [2, 0, 3, 1, 4]))
          const weights = tf.softmax(tf.mul(tf.matMul(q, k, false, true), 1 / Math.sqrt(E)))
          const mixed = tf.reshape(tf.transpose(tf.matMul(weights, v), [0, 2, 1, 3]), [B, T, D])
          const y = tf.add(x, product(mixed, p.out))
          return tf.add(y, product(gelu(product(norm(y, p.scale1), p.up)), p.down))
        }
        const optimizer = tf.train.sgd(rate)
        return {
          call: () => optimizer.minimize(() => tf.mean(tf.square(params.reduce(block, all.x))), true),
          check: () => [params[0]!.qkv.clone(), params[0]!.scale0.clone(), params[L - 1]!.down.clone()],
        }
      },
      torch: `
blocks = [[p[l].clone().requires_grad_() for p in (qkv, out, up, down, scale0, scale1)] for l in range(${L})]
params = [p for b in blocks for p in b]
optimizer = torch.optim.SGD(params, lr=${rate})
def block(x, qkv, out, up, down, scale0, scale1):
    split = (F.layer_norm(x, [${D}], scale0) @ qkv).view(${B}, ${T}, 3, ${heads}, ${E}).permute(2, 0, 3, 1, 4)
    mixed = F.scaled_dot_product_attention(*split).transpose(1, 2).reshape(${B}, ${T}, ${D})
    y = x + mixed @ out
    return y + F.gelu(F.layer_norm(y, [${D}], scale1) @ up, approximate="tanh") @ down
def call():
    h = x
    for b in blocks:
        h = block(h, *b)
    loss = h.square().mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss
def check(_):
    return [blocks[0][0], blocks[0][4], blocks[-1][3]]
`,
    },
  }),
]
