"""
Both directions against NumPy and safetensors: `python3 test/io/python.py write DIR` writes files of every dtype and form, `read DIR`
checks files that the library wrote (test/io/python.ts runs both). `fixtures` prints the small ones that tests keep, as base64.
"""
import base64, io, json, os, sys
import numpy as np

def arrays():
    rng = np.random.RandomState(1)
    out = {}
    for code in ['?', 'i1', 'u1', '<i2', '>i2', '<u2', '<i4', '>i4', '<u4', '<i8', '>i8', '<u8', '<f2', '>f2', '<f4', '>f4', '<f8', '>f8']:
        for shape in [(), (0,), (3,), (2, 0, 3), (2, 3, 4)]:
            small = 'u' in code or '?' in code
            x = (rng.randint(0 if small else -100, 100, size=shape) * (0.375 if 'f' in code else 1))
            x = np.asarray(x).astype(code)
            name = f"{code.replace('<', 'l').replace('>', 'b').replace('?', 'bool')}-{'x'.join(map(str, shape))}"
            out[name] = x
    out['special-f4'] = np.array([np.nan, np.inf, -np.inf, -0.0, 1e-45, 3.4e38], '<f4')
    out['special-f2'] = np.array([np.nan, np.inf, -np.inf, -0.0, 6e-8, 65504], '<f2')
    out['fortran'] = np.asfortranarray(np.arange(24, dtype='<f4').reshape(2, 3, 4))
    return out

def listed(x):
    x = np.asarray(x)
    dtype = 'bool' if x.dtype == bool else 'float64' if x.dtype.itemsize == 8 and x.dtype.kind == 'f' else 'float32' if x.dtype.kind == 'f' \
        else 'uint32' if x.dtype.kind == 'u' and x.dtype.itemsize >= 4 else 'int32'
    return {'shape': list(x.shape), 'dtype': dtype, 'data': [repr(float(v)) for v in x.astype('f8').ravel()]}

def write(folder):
    expected = {}
    for name, x in arrays().items():
        np.save(f'{folder}/{name}.npy', x)
        expected[f'{name}.npy'] = {'x': listed(x)}
    for version in [(1, 0), (2, 0), (3, 0)]:
        with open(f'{folder}/version{version[0]}.npy', 'wb') as f:
            np.lib.format.write_array(f, np.arange(5, dtype='<i4'), version=version)
        expected[f'version{version[0]}.npy'] = {'x': listed(np.arange(5))}
    tree = {'l0/W': np.arange(6, dtype='<f4').reshape(2, 3), 'l0/b': np.zeros(3, '<f8'), 'n': np.array(7, '<i4')}
    np.savez(f'{folder}/stored.npz', **tree)
    np.savez_compressed(f'{folder}/packed.npz', **tree)
    for name in ['stored.npz', 'packed.npz']:
        expected[name] = {k: listed(v) for k, v in tree.items()}
    try:
        from safetensors.numpy import save_file
    except ImportError:
        save_file = None
    if save_file is not None:
        plain = {k: np.ascontiguousarray(v) for k, v in arrays().items() if v.dtype.isnative}
        save_file(plain, f'{folder}/all.safetensors', metadata={'source': 'safetensors', 'text': 'Grüße'})
        expected['all.safetensors'] = {k: listed(v) for k, v in plain.items()}
    json.dump(expected, open(f'{folder}/expected.json', 'w'))
    print(f"wrote {len(expected)} files{'' if save_file else ', none of safetensors: python has no such module'}")

def same(name, x, e):
    wanted = np.array([float(v) for v in e['data']]).reshape(e['shape'])
    assert str(x.dtype) == e['dtype'], f"{name}: {x.dtype}, expected {e['dtype']}"
    assert x.shape == wanted.shape, f'{name}: {x.shape}, expected {wanted.shape}'
    assert np.array_equal(x.astype('f8'), wanted.astype(x.dtype).astype('f8'), equal_nan=True), f'{name}: {x} expected {wanted}'

def read(folder):
    expected = json.load(open(f'{folder}/expected.json'))
    count = 0
    for file, tensors in expected.items():
        path = f'{folder}/{file}'
        if file.endswith('.npy'):
            found = {'x': np.load(path, allow_pickle=False)}
        elif file.endswith('.npz'):
            found = dict(np.load(path, allow_pickle=False))
        else:
            try:
                from safetensors.numpy import load_file
            except ImportError:
                continue
            found = load_file(path)
        assert sorted(found) == sorted(tensors), f'{file}: {sorted(found)}'
        for name, e in tensors.items():
            same(f'{file}: {name}', found[name], e)
            count += 1
    print(f'read {len(expected)} files, {count} tensors')

def fixtures():
    def packed(f):
        buffer = io.BytesIO()
        f(buffer)
        return base64.b64encode(buffer.getvalue()).decode()
    small = {
        'bigEndian': np.array([1.5, -2], '>f4'),
        'fortran': np.asfortranarray(np.arange(6, dtype='<i4').reshape(2, 3)),
        'half': np.array([1.5, -0.0, 65504, np.inf], '<f2'),
        'long': np.array([-5, 2147483647], '<i8'),
        'bytes': np.array([[0, 255]], 'u1'),
        'truth': np.array([True, False]),
        'scalar': np.array(2.5),
        'empty': np.zeros((0, 3), '<f4'),
    }
    for name, x in small.items():
        print(f"  {name}: '{packed(lambda f: np.save(f, x))}',")
    print(f"  objects: '{packed(lambda f: np.save(f, np.array([None], object), allow_pickle=True))}',")
    for v in (2, 3):
        print(f"  version{v}: '{packed(lambda f: np.lib.format.write_array(f, np.array([1, 2], '<i4'), version=(v, 0)))}',")
    tree = {'l0/W': np.array([[1, 2]], '<f4'), 'l0/b': np.zeros(200, '<f4')}
    print(f"  stored: '{packed(lambda f: np.savez(f, **tree))}',")
    print(f"  packed: '{packed(lambda f: np.savez_compressed(f, **tree))}',")
    from safetensors.numpy import save
    tensors = {'l0/w': np.array([[1, 2]], '<f4'), 'n': np.array(7, '<i8'), 'h': np.array([1.5], '<f2'), 'none': np.zeros((0, 2), '<f4'), 'm': np.array([True])}
    print(f"  safetensors: '{base64.b64encode(save(tensors, metadata={'by': 'safetensors'})).decode()}',")

{'write': lambda: write(sys.argv[2]), 'read': lambda: read(sys.argv[2]), 'fixtures': fixtures}[sys.argv[1]]()
