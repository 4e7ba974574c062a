/*
 * recs_kernel_fold_in: a kernel's fold_in(), for recs_kernel_body.h, in
 * vectors of 8 floats that the compiler cuts to what the target has.  Sums
 * are taken lane by lane and the lanes then added in a tree, eliminations are
 * element by element: registers of any width give the same roundings.
 */


typedef float  recs_oct_t
    __attribute__((vector_size(32), aligned(4), may_alias));
typedef float  recs_four_t
    __attribute__((vector_size(16), aligned(4), may_alias));


#include "recs_kernel_fold_in_few.h"


/* Adds the upper half of eight lanes to the lower one. */
#define recs_fold_in_halve(v)                                                 \
    (__builtin_shufflevector(v, v, 0, 1, 2, 3)                                \
     + __builtin_shufflevector(v, v, 4, 5, 6, 7))


/* The sums of the lanes of four vectors, by shuffles. */
#define recs_fold_in_lanes(s0, s1, s2, s3, to)                                \
    do {                                                                      \
        q0 = recs_fold_in_halve(s0);                                          \
        q1 = recs_fold_in_halve(s1);                                          \
        q2 = recs_fold_in_halve(s2);                                          \
        q3 = recs_fold_in_halve(s3);                                          \
        q0 = __builtin_shufflevector(q0, q1, 0, 1, 4, 5)                      \
             + __builtin_shufflevector(q0, q1, 2, 3, 6, 7);                   \
        q2 = __builtin_shufflevector(q2, q3, 0, 1, 4, 5)                      \
             + __builtin_shufflevector(q2, q3, 2, 3, 6, 7);                   \
        *(recs_four_t *) (to) = __builtin_shufflevector(q0, q2, 0, 2, 4, 6)   \
                                + __builtin_shufflevector(q0, q2, 1, 3, 5, 7);\
    } while (0)


/* The products of two rows with four others, four numbers each. */
RECS_KERNEL_TARGET RECS_SCAN_INLINE void
recs_fold_in_products(const float *rows, const float *const *others,
    uint32_t stride, float *to, float *to_next)
{
    uint32_t      f;
    recs_oct_t    a, b, c, s0, s1, s2, s3, t0, t1, t2, t3;
    recs_four_t   q0, q1, q2, q3;
    const float  *o0, *o1, *o2, *o3;

    s0 = s1 = s2 = s3 = t0 = t1 = t2 = t3 = (recs_oct_t) { 0 };
    o0 = others[0];
    o1 = others[1];
    o2 = others[2];
    o3 = others[3];

    for (f = 0; f < stride; f += 8) {
        a = *(const recs_oct_t *) (rows + f);
        b = *(const recs_oct_t *) (rows + stride + f);
        c = *(const recs_oct_t *) (o0 + f);
        s0 += a * c;
        t0 += b * c;
        c = *(const recs_oct_t *) (o1 + f);
        s1 += a * c;
        t1 += b * c;
        c = *(const recs_oct_t *) (o2 + f);
        s2 += a * c;
        t2 += b * c;
        c = *(const recs_oct_t *) (o3 + f);
        s3 += a * c;
        t3 += b * c;
    }

    recs_fold_in_lanes(s0, s1, s2, s3, to);
    recs_fold_in_lanes(t0, t1, t2, t3, to_next);
}


/* D times two rows. */
RECS_KERNEL_TARGET RECS_SCAN_INLINE void
recs_fold_in_scale(const recs_fold_in_terms_t *t, uint32_t i, uint32_t next)
{
    uint32_t           f, n;
    recs_oct_t        *to;
    const recs_oct_t  *a, *b, *diagonal;

    a = (const recs_oct_t *) t->rows[i];
    b = (const recs_oct_t *) t->rows[next];
    to = (recs_oct_t *) t->scaled;
    diagonal = (const recs_oct_t *) t->diagonal;
    n = t->stride / 8;

    for (f = 0; f < n; f++) {
        to[f] = diagonal[f] * a[f];
        to[n + f] = diagonal[f] * b[f];
    }
}


/* Of a row of the matrix what is beside the products. */
RECS_KERNEL_TARGET RECS_SCAN_INLINE void
recs_fold_in_finish(const recs_fold_in_terms_t *t, uint32_t i, float *row)
{
    uint32_t  j, n;

    n = t->n;

    if (t->roots != NULL) {
        for (j = i; j < n; j++) {
            row[j] *= t->roots[i] * t->roots[j];
        }
    }

    row[i] += 1.0f;
    row[n] = t->roots != NULL ? t->roots[i] : 1.0f;

    for (j = n + 1; j % 8 != 0; j++) {
        row[j] = 0.0f;
    }
}


/*
 * The matrix from its diagonal on, two rows at a time (an odd last one
 * twice), and the right side behind it; what whole vectors reach beyond them
 * is zero, or left of the diagonal without meaning.
 */
RECS_KERNEL_TARGET RECS_SCAN_INLINE void
recs_fold_in_matrix(const recs_fold_in_terms_t *t)
{
    float        *row, *row_next;
    uint32_t      i, j, k, n, next;
    const float  *others[4];

    n = t->n;

    for (i = 0; i < n; i += 2) {
        next = i + 1 < n ? i + 1 : i;
        row = t->matrix + i * RECS_FOLD_IN_COLUMNS;
        row_next = t->matrix + next * RECS_FOLD_IN_COLUMNS;
        *(recs_oct_t *) (row + i / 8 * 8) = (recs_oct_t) { 0 };
        *(recs_oct_t *) (row_next + i / 8 * 8) = (recs_oct_t) { 0 };

        recs_fold_in_scale(t, i, next);

        for (j = n; j > i; /* void */) {
            j = j > 4 ? j - 4 : 0;

            for (k = 0; k < 4; k++) {
                others[k] = t->rows[j + k < n ? j + k : n - 1];
            }

            recs_fold_in_products(t->scaled, others, t->stride, row + j,
                                  row_next + j);
        }

        recs_fold_in_finish(t, i, row);

        if (next != i) {
            recs_fold_in_finish(t, next, row_next);
        }
    }
}


/* Takes from eight numbers factors[k] times columns[k] of n rows. */
RECS_KERNEL_TARGET RECS_SCAN_INLINE void
recs_fold_in_subtract(const float *factors, const float *columns, uint32_t n,
    float *to)
{
    uint32_t    k;
    recs_oct_t  even, odd;

    even = odd = (recs_oct_t) { 0 };

    for (k = 0; k + 1 < n; k += 2) {
        even += factors[0] * *(const recs_oct_t *) columns;
        factors += RECS_FOLD_IN_COLUMNS;
        columns += RECS_FOLD_IN_COLUMNS;
        odd += factors[0] * *(const recs_oct_t *) columns;
        factors += RECS_FOLD_IN_COLUMNS;
        columns += RECS_FOLD_IN_COLUMNS;
    }

    if (k < n) {
        even += factors[0] * *(const recs_oct_t *) columns;
    }

    *(recs_oct_t *) to -= even + odd;
}


/*
 * Into U' E U, E diagonal and U with ones on it: each row becomes one of E U,
 * the right side along with it, and one of U in the second matrix.  The row
 * before is taken last, by what is at hand of it: each step waits for it.
 */
RECS_KERNEL_TARGET RECS_SCAN_INLINE void
recs_fold_in_eliminate(const recs_fold_in_terms_t *t)
{
    float     inverse, factor, *row, *before, *unit;
    uint32_t  i, j, end;

    end = (t->n / 8 + 1) * 8;
    inverse = 0;

    for (i = 0; i < t->n; i++) {
        row = t->matrix + i * RECS_FOLD_IN_COLUMNS;
        unit = t->units + i * RECS_FOLD_IN_COLUMNS;

        if (i > 0) {
            before = row - RECS_FOLD_IN_COLUMNS;
            factor = before[i] * inverse;

            for (j = i / 8 * 8; j < end; j += 8) {
                recs_fold_in_subtract(t->units + i, t->matrix + j, i - 1,
                                      row + j);
                *(recs_oct_t *) (row + j) -= factor
                                       * *(const recs_oct_t *) (before + j);
            }
        }

        inverse = 1.0f / row[i];

        for (j = i / 8 * 8; j < end; j += 8) {
            *(recs_oct_t *) (unit + j) = *(recs_oct_t *) (row + j) * inverse;
        }
    }
}


/* y, times the roots. */
RECS_KERNEL_TARGET RECS_SCAN_INLINE void
recs_fold_in_substitute(const recs_fold_in_terms_t *t)
{
    float        last, y[RECS_FOLD_IN_ITEMS_MAX];
    uint32_t     i, k, n;
    const float  *unit;

    n = t->n;

    for (k = 0; k < n; k++) {
        y[k] = t->units[k * RECS_FOLD_IN_COLUMNS + n];
    }

    for (k = n; k-- > 0; /* void */) {
        last = y[k];
        unit = t->units + k * RECS_FOLD_IN_COLUMNS + k;
        t->solution[k] = t->roots != NULL ? last * t->roots[k] : last;

        for (i = k; i-- > 0; /* void */) {
            unit -= RECS_FOLD_IN_COLUMNS;
            y[i] -= *unit * last;
        }
    }
}


RECS_KERNEL_TARGET static void
recs_kernel_fold_in(const recs_fold_in_terms_t *t, float *vector)
{
    uint32_t           i, f;
    recs_oct_t         low, high, *to;
    const float       *row;
    const recs_oct_t  *diagonal;

    if (t->n <= RECS_FOLD_IN_FEW) {
        recs_fold_in_few(t);

    } else {
        recs_fold_in_matrix(t);
        recs_fold_in_eliminate(t);
        recs_fold_in_substitute(t);
    }

    for (f = 0; f < t->stride; f += 16) {
        low = high = (recs_oct_t) { 0 };

        for (i = 0; i < t->n; i++) {
            row = t->rows[i] + f;
            low += t->solution[i] * *(const recs_oct_t *) row;
            high += t->solution[i] * *(const recs_oct_t *) (row + 8);
        }

        to = (recs_oct_t *) (vector + f);
        diagonal = (const recs_oct_t *) (t->diagonal + f);
        to[0] = diagonal[0] * low;
        to[1] = diagonal[1] * high;
    }
}
