/*
 * recs_kernel_fold_in_few: y of recs_kernel.h for at most RECS_FOLD_IN_FEW
 * items, a row of the matrix being one vector of 8 floats: columns 0 to 6 and
 * the right side.  Of the symmetric matrix a row has what is left of its
 * diagonal, which is included; the rest is without meaning.  Items are
 * eliminated from the last to the first, from the rows on both sides (Gauss
 * and Jordan), so that nothing is left to be substituted back.
 */


#define RECS_FOLD_IN_FEW  7


/* Three steps that take the sums of eight vectors' lanes into one vector. */
#define recs_fold_in_pair(a, b)                                               \
    (__builtin_shufflevector(a, b, 0, 8, 1, 9, 4, 12, 5, 13)                  \
     + __builtin_shufflevector(a, b, 2, 10, 3, 11, 6, 14, 7, 15))
#define recs_fold_in_join(a, b)                                               \
    (__builtin_shufflevector(a, b, 0, 1, 8, 9, 4, 5, 12, 13)                  \
     + __builtin_shufflevector(a, b, 2, 3, 10, 11, 6, 7, 14, 15))
#define recs_fold_in_whole(a, b)                                              \
    (__builtin_shufflevector(a, b, 0, 1, 2, 3, 8, 9, 10, 11)                  \
     + __builtin_shufflevector(a, b, 4, 5, 6, 7, 12, 13, 14, 15))


#define recs_fold_in_add(j)                                                   \
    if (j <= i) {                                                             \
        s##j += a * *(const recs_oct_t *) (t->rows[j] + f);                   \
    }


/* Row i, a constant: what is compiled has i + 1 sums, in registers. */
RECS_KERNEL_TARGET RECS_SCAN_INLINE void
recs_fold_in_few_row(const recs_fold_in_terms_t *t, uint32_t i, float *to)
{
    float       root;
    uint32_t    f;
    recs_oct_t  a, s0, s1, s2, s3, s4, s5, s6, s7;

    s0 = s1 = s2 = s3 = s4 = s5 = s6 = s7 = (recs_oct_t) { 0 };

    for (f = 0; f < t->stride; f += 8) {
        a = *(const recs_oct_t *) (t->diagonal + f)
            * *(const recs_oct_t *) (t->rows[i] + f);

        s0 += a * *(const recs_oct_t *) (t->rows[0] + f);
        recs_fold_in_add(1);
        recs_fold_in_add(2);
        recs_fold_in_add(3);
        recs_fold_in_add(4);
        recs_fold_in_add(5);
        recs_fold_in_add(6);
    }

    s0 = recs_fold_in_pair(s0, s1);
    s2 = recs_fold_in_pair(s2, s3);
    s4 = recs_fold_in_pair(s4, s5);
    s6 = recs_fold_in_pair(s6, s7);
    s0 = recs_fold_in_join(s0, s2);
    s4 = recs_fold_in_join(s4, s6);
    s0 = recs_fold_in_whole(s0, s4);

    root = 1.0f;

    if (t->roots != NULL) {
        root = t->roots[i];
        s0 *= root * *(const recs_oct_t *) t->roots;
    }

    *(recs_oct_t *) (to + i * 8) = s0 + (recs_oct_t) { i == 0, i == 1, i == 2,
                                                       i == 3, i == 4, i == 5,
                                                       i == 6, root };
}


RECS_KERNEL_TARGET RECS_SCAN_INLINE void
recs_fold_in_few_matrix(const recs_fold_in_terms_t *t, float *matrix)
{
    switch (t->n) {

    case 7:
        recs_fold_in_few_row(t, 6, matrix);
        /* fall through */
    case 6:
        recs_fold_in_few_row(t, 5, matrix);
        /* fall through */
    case 5:
        recs_fold_in_few_row(t, 4, matrix);
        /* fall through */
    case 4:
        recs_fold_in_few_row(t, 3, matrix);
        /* fall through */
    case 3:
        recs_fold_in_few_row(t, 2, matrix);
        /* fall through */
    case 2:
        recs_fold_in_few_row(t, 1, matrix);
        /* fall through */
    default:
        recs_fold_in_few_row(t, 0, matrix);
    }
}


/* t->solution, times the roots. */
RECS_KERNEL_TARGET RECS_SCAN_INLINE void
recs_fold_in_few(const recs_fold_in_terms_t *t)
{
    float       inverses[RECS_FOLD_IN_FEW], *pivot, *row;
    uint32_t    i, k, n;
    recs_oct_t  p;

    float  matrix[RECS_FOLD_IN_FEW * 8] __attribute__((aligned(32)));

    n = t->n;
    recs_fold_in_few_matrix(t, matrix);

    for (k = n; k-- > 0; /* void */) {
        pivot = matrix + k * 8;
        p = *(const recs_oct_t *) pivot;
        inverses[k] = 1.0f / pivot[k];

        for (i = k; i-- > 0; /* void */) {
            row = matrix + i * 8;
            *(recs_oct_t *) row -= pivot[i] * p * inverses[k];
        }

        for (i = k + 1; i < n; i++) {
            row = matrix + i * 8;
            *(recs_oct_t *) row -= row[k] * p * inverses[k];
        }
    }

    for (k = 0; k < n; k++) {
        t->solution[k] = matrix[k * 8 + 7] * inverses[k];

        if (t->roots != NULL) {
            t->solution[k] *= t->roots[k];
        }
    }
}
