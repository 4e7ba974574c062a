/*
 * recs_lanes_body: recs_lanes.c for one width of SIMD.  Included once per
 * instruction set with RECS_LANES (floats per vector), RECS_LANES_TARGET,
 * the tile RECS_LANES_ROWS x RECS_LANES_COLS = RECS_LANES and the shuffles
 * defined; undefines them at its end.
 *
 * Vectors are written with the compilers' vector extensions: no intrinsics,
 * so that the ARM and the portable build are this very code.
 */

typedef float  RECS_LANES_(vec_t)
    __attribute__((vector_size(RECS_LANES * sizeof(float)), may_alias));

#define recs_lanes_vec_t   RECS_LANES_(vec_t)
#define recs_lanes_inline  static inline __attribute__((always_inline))        \
                           RECS_LANES_TARGET

/* Row i of an interleaved lower triangle. */
#define recs_lanes_row(m, i)  ((m) + (size_t) (i) * ((i) + 1) / 2)


recs_lanes_inline recs_lanes_vec_t
RECS_LANES_(splat)(float x)
{
    return x - (recs_lanes_vec_t) { 0 };
}


#define recs_lanes_fold(v, half, how)                                         \
    for (i = 0; i < (half); i++) {                                            \
        v[i] = __builtin_shufflevector(v[i], v[i + (half)],                   \
                                       RECS_LANES_##how##_LO)                 \
               + __builtin_shufflevector(v[i], v[i + (half)],                 \
                                         RECS_LANES_##how##_HI);              \
    }


/* v[i] -> the sum of v[i]'s lanes, in lane i. */

recs_lanes_inline recs_lanes_vec_t
RECS_LANES_(sums)(recs_lanes_vec_t *v)
{
    uint32_t  i;

    recs_lanes_fold(v, RECS_LANES / 2, IN)
    recs_lanes_fold(v, RECS_LANES / 4, IN)
#if (RECS_LANES >= 8)
    recs_lanes_fold(v, RECS_LANES / 8, ZIP)
#endif
#if (RECS_LANES >= 16)
    recs_lanes_fold(v, RECS_LANES / 16, ZIP)
#endif

    return v[0];
}


/* Transposes RECS_LANES vectors: perfect shuffles, log2 RECS_LANES times. */

recs_lanes_inline void
RECS_LANES_(transpose)(recs_lanes_vec_t *v)
{
    uint32_t          i, step;
    recs_lanes_vec_t  t[RECS_LANES];

    for (step = 1; step < RECS_LANES; step *= 2) {
        for (i = 0; i < RECS_LANES; i++) {
            t[i] = v[i];
        }

        for (i = 0; i < RECS_LANES / 2; i++) {
            v[2 * i] = __builtin_shufflevector(t[i], t[i + RECS_LANES / 2],
                                               RECS_LANES_ZIP_LO);
            v[2 * i + 1] = __builtin_shufflevector(t[i],
                                                   t[i + RECS_LANES / 2],
                                                   RECS_LANES_ZIP_HI);
        }
    }
}


RECS_LANES_TARGET static void
RECS_LANES_(pack)(const uint32_t *columns, uint32_t n, const float *table,
    uint32_t stride, const float *scale, float *packed)
{
    uint32_t                 i, f, ahead;
    const float             *next;
    recs_lanes_vec_t        *to;
    const recs_lanes_vec_t  *from, *by;

    to = (recs_lanes_vec_t *) packed;
    by = (const recs_lanes_vec_t *) scale;

    for (i = 0; i < n; i++) {
        from = (const recs_lanes_vec_t *)
                   (table + (size_t) columns[i] * stride);
        ahead = i + RECS_LANES_AHEAD < n ? i + RECS_LANES_AHEAD : i;
        next = table + (size_t) columns[ahead] * stride;

        for (f = 0; f < stride; f += RECS_LANES_STRIDE) {
            __builtin_prefetch(next + f);
        }

        for (f = 0; f < stride / RECS_LANES; f++) {
            *to++ = from[f] * by[f];
        }
    }
}


/*
 * Inner products of ROWS rows from a with COLS rows from b: one vector,
 * row by row.
 */

recs_lanes_inline recs_lanes_vec_t
RECS_LANES_(tile)(const float *a, const float *b, size_t stride)
{
    size_t                   f;
    uint32_t                 i, j;
    recs_lanes_vec_t         acc[RECS_LANES], va[RECS_LANES_ROWS], vb;
    const recs_lanes_vec_t  *pa[RECS_LANES_ROWS], *pb[RECS_LANES_COLS];

    for (i = 0; i < RECS_LANES; i++) {
        acc[i] = (recs_lanes_vec_t) { 0 };
    }

    for (i = 0; i < RECS_LANES_ROWS; i++) {
        pa[i] = (const recs_lanes_vec_t *) (a + i * stride);
    }

    for (j = 0; j < RECS_LANES_COLS; j++) {
        pb[j] = (const recs_lanes_vec_t *) (b + j * stride);
    }

    for (f = 0; f < stride / RECS_LANES; f++) {
        for (i = 0; i < RECS_LANES_ROWS; i++) {
            va[i] = pa[i][f];
        }

        for (j = 0; j < RECS_LANES_COLS; j++) {
            vb = pb[j][f];

            for (i = 0; i < RECS_LANES_ROWS; i++) {
                acc[i * RECS_LANES_COLS + j] += va[i] * vb;
            }
        }
    }

    return RECS_LANES_(sums)(acc);
}


/* The lower triangle of P P' in tiles, columns outermost. */

RECS_LANES_TARGET static void
RECS_LANES_(products)(const float *packed, uint32_t stride, uint32_t n,
    recs_lanes_vec_t *tiles)
{
    uint32_t  i, j;

    for (j = 0; j < n; j += RECS_LANES_COLS) {
        for (i = j; i < n; i += RECS_LANES_ROWS) {
            *tiles++ = RECS_LANES_(tile)(packed + (size_t) i * stride,
                                         packed + (size_t) j * stride,
                                         stride);
        }
    }
}


/*
 * Tiles of RECS_LANES systems, n_tiles apart -> one interleaved triangle
 * I + P P', and the right-hand sides 1 as row n.
 */

RECS_LANES_TARGET static void
RECS_LANES_(interleave)(const recs_lanes_vec_t *tiles, size_t n_tiles,
    uint32_t n, recs_lanes_vec_t *m)
{
    uint32_t          i, j, l, r, c;
    recs_lanes_vec_t  v[RECS_LANES];

    for (j = 0; j < n; j += RECS_LANES_COLS) {
        for (i = j; i < n; i += RECS_LANES_ROWS) {

            for (l = 0; l < RECS_LANES; l++) {
                v[l] = tiles[l * n_tiles];
            }

            tiles++;
            RECS_LANES_(transpose)(v);

            for (r = 0; r < RECS_LANES_ROWS; r++) {
                for (c = 0; c < RECS_LANES_COLS; c++) {
                    if (j + c <= i + r) {
                        recs_lanes_row(m, i + r)[j + c] =
                                              v[r * RECS_LANES_COLS + c];
                    }
                }
            }
        }
    }

    for (i = 0; i < n; i++) {
        recs_lanes_row(m, i)[i] += 1.0f;
        recs_lanes_row(m, n)[i] = RECS_LANES_(splat)(1);
    }
}


recs_lanes_inline recs_lanes_vec_t
RECS_LANES_(inverse_root)(recs_lanes_vec_t v)
{
    uint32_t  l;

    for (l = 0; l < RECS_LANES; l++) {
        v[l] = 1.0f / __builtin_sqrtf(v[l]);
    }

    return v;
}


/*
 * Columns j and j + 1 of the Cholesky factor in n_rows rows from row i on,
 * left-looking; below the pivots, whose inverses are given.
 */

recs_lanes_inline void
RECS_LANES_(columns)(recs_lanes_vec_t *m, uint32_t i, uint32_t n_rows,
    uint32_t j, recs_lanes_vec_t inverse0, recs_lanes_vec_t inverse1)
{
    uint32_t           k, r;
    recs_lanes_vec_t   acc0[4], acc1[4], b0, b1, *row[4], *l0, *l1;

    l0 = recs_lanes_row(m, j);
    l1 = recs_lanes_row(m, j + 1);

    for (r = 0; r < n_rows; r++) {
        row[r] = recs_lanes_row(m, i + r);
        acc0[r] = row[r][j];
        acc1[r] = row[r][j + 1];
    }

    for (k = 0; k < j; k++) {
        b0 = l0[k];
        b1 = l1[k];

        for (r = 0; r < n_rows; r++) {
            acc0[r] -= row[r][k] * b0;
            acc1[r] -= row[r][k] * b1;
        }
    }

    for (r = 0; r < n_rows; r++) {
        acc0[r] *= inverse0;
        row[r][j] = acc0[r];
        row[r][j + 1] = (acc1[r] - acc0[r] * l1[j]) * inverse1;
    }
}


/*
 * Factors the interleaved systems, n even; the inverse pivots go to
 * inverses, and row n, which holds the right-hand sides b, becomes L^-1 b.
 */

RECS_LANES_TARGET static void
RECS_LANES_(factor)(recs_lanes_vec_t *m, uint32_t n,
    recs_lanes_vec_t *inverses)
{
    uint32_t           i, j, k;
    recs_lanes_vec_t   a00, a10, a11, *l0, *l1;

    for (j = 0; j < n; j += 2) {
        l0 = recs_lanes_row(m, j);
        l1 = recs_lanes_row(m, j + 1);
        a00 = l0[j];
        a10 = l1[j];
        a11 = l1[j + 1];

        for (k = 0; k < j; k++) {
            a00 -= l0[k] * l0[k];
            a10 -= l1[k] * l0[k];
            a11 -= l1[k] * l1[k];
        }

        inverses[j] = RECS_LANES_(inverse_root)(a00);
        l1[j] = a10 * inverses[j];
        inverses[j + 1] = RECS_LANES_(inverse_root)(a11 - l1[j] * l1[j]);

        for (i = j + 2; i + 4 <= n + 1; i += 4) {
            RECS_LANES_(columns)(m, i, 4, j, inverses[j], inverses[j + 1]);
        }

        for ( /* void */ ; i < n + 1; i++) {
            RECS_LANES_(columns)(m, i, 1, j, inverses[j], inverses[j + 1]);
        }
    }
}


/* L'y = z, where z is row n; y replaces it. */

RECS_LANES_TARGET static void
RECS_LANES_(back)(recs_lanes_vec_t *m, uint32_t n,
    const recs_lanes_vec_t *inverses)
{
    uint32_t           i, k;
    recs_lanes_vec_t   y, *z, *row;

    z = recs_lanes_row(m, n);

    for (i = n; i-- > 0; ) {
        row = recs_lanes_row(m, i);
        y = z[i] * inverses[i];
        z[i] = y;

        for (k = 0; k < i; k++) {
            z[k] -= row[k] * y;
        }
    }
}


/* x = D^-1/2 P'y, y every RECS_LANES-th float. */

RECS_LANES_TARGET static void
RECS_LANES_(combine)(const recs_lanes_row_t *row, const float *packed,
    uint32_t stride, const float *y)
{
    uint32_t          i, f, q;
    const float      *p;
    recs_lanes_vec_t  acc[16 / RECS_LANES * 2], *x, yi;
    const uint32_t    n_acc = 16 / RECS_LANES;

    for (f = 0; f < stride; f += 16) {
        for (q = 0; q < n_acc; q++) {
            acc[q] = (recs_lanes_vec_t) { 0 };
            acc[q + n_acc] = (recs_lanes_vec_t) { 0 };
        }

        p = packed + f;

        for (i = 0; i + 2 <= row->n; i += 2, p += 2 * stride) {
            yi = RECS_LANES_(splat)(y[i * RECS_LANES]);

            for (q = 0; q < n_acc; q++) {
                acc[q] += ((const recs_lanes_vec_t *) p)[q] * yi;
            }

            yi = RECS_LANES_(splat)(y[(i + 1) * RECS_LANES]);

            for (q = 0; q < n_acc; q++) {
                acc[q + n_acc] +=
                           ((const recs_lanes_vec_t *) (p + stride))[q] * yi;
            }
        }

        if (i < row->n) {
            yi = RECS_LANES_(splat)(y[i * RECS_LANES]);

            for (q = 0; q < n_acc; q++) {
                acc[q] += ((const recs_lanes_vec_t *) p)[q] * yi;
            }
        }

        x = (recs_lanes_vec_t *) (row->x + f);

        for (q = 0; q < n_acc; q++) {
            x[q] = (acc[q] + acc[q + n_acc])
                   * ((const recs_lanes_vec_t *) (row->scale + f))[q];
        }
    }
}


RECS_LANES_TARGET static void
RECS_LANES_(solve)(recs_lanes_row_t *rows, const float *table,
    uint32_t stride, void *scratch)
{
    float             *packed, *p;
    double             loss;
    size_t             n_tiles;
    uint32_t           i, l, n;
    const float       *y;
    recs_lanes_vec_t  *tiles, *m, *inverses;

    n = 0;

    for (l = 0; l < RECS_LANES; l++) {
        n = rows[l].n > n ? rows[l].n : n;
    }

    n = (n + RECS_LANES_COLS - 1) / RECS_LANES_COLS * RECS_LANES_COLS;

    /* block columns of n, n - COLS, ..., COLS rows, each in tiles of ROWS */
    n_tiles = (size_t) n * (n / RECS_LANES_COLS + 1) / 2 / RECS_LANES_ROWS;

    packed = scratch;
    tiles = (recs_lanes_vec_t *)
                (packed + recs_lanes_packed_size(RECS_LANES, stride));
    m = tiles + recs_lanes_tiles_size(RECS_LANES) / RECS_LANES;
    inverses = m + RECS_LANES_PAIRS;

    for (l = 0; l < RECS_LANES; l++) {
        p = packed + (size_t) l * n * stride;
        RECS_LANES_(pack)(rows[l].columns, rows[l].n, table, stride,
                          rows[l].scale, p);
        memset(p + (size_t) rows[l].n * stride, 0,
               (size_t) (n - rows[l].n) * stride * sizeof(float));
        RECS_LANES_(products)(p, stride, n, tiles + l * n_tiles);
    }

    RECS_LANES_(interleave)(tiles, n_tiles, n, m);
    RECS_LANES_(factor)(m, n, inverses);
    RECS_LANES_(back)(m, n, inverses);

    y = (const float *) recs_lanes_row(m, n);

    for (l = 0; l < RECS_LANES; l++) {
        loss = 0;

        for (i = 0; i < rows[l].n; i++) {
            loss += y[i * RECS_LANES + l];
        }

        rows[l].loss = loss;
        RECS_LANES_(combine)(&rows[l], packed + (size_t) l * n * stride,
                             stride, y + l);
    }
}


#undef recs_lanes_vec_t
#undef recs_lanes_inline
#undef recs_lanes_row
#undef recs_lanes_fold
#undef RECS_LANES
#undef RECS_LANES_TARGET
#undef RECS_LANES_ROWS
#undef RECS_LANES_COLS
#undef RECS_LANES_IN_LO
#undef RECS_LANES_IN_HI
#undef RECS_LANES_ZIP_LO
#undef RECS_LANES_ZIP_HI
