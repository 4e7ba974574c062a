#include "recs_rows.h"

#include <float.h>

#include "recs_bundle_format.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif


/* Comparisons are false for what is not a number. */
static int
recs_rows_good_one(const float *row, uint32_t n_factors, const float *norms,
    uint64_t number)
{
    double  norm;

    norm = recs_row_norm(row, n_factors);

    if (norms == NULL) {
        return norm <= DBL_MAX;
    }

    return norm <= (double) norms[number]
           && norms[number] <= (number > 0 ? norms[number - 1] : FLT_MAX);
}


static int
recs_rows_padded(const float *rows, uint64_t n, uint32_t n_factors,
    uint32_t stride)
{
    int       good;
    uint32_t  f;
    uint64_t  i;

    good = 1;

    for (i = 0; i < n; i++) {
        for (f = n_factors; f < stride; f++) {
            good &= rows[i * stride + f] == 0.0f;
        }
    }

    return good;
}


#if defined(__x86_64__)

#define RECS_ROWS_AVX2    __attribute__((target("avx2")))
#define RECS_ROWS_INLINE  static inline __attribute__((always_inline))


/* The 8 lanes of recs_row_norm(): zeros behind n_factors change none. */
RECS_ROWS_AVX2 RECS_ROWS_INLINE void
recs_rows_lanes(const float *row, uint32_t n_factors, __m256d *low,
    __m256d *high)
{
    __m256d   d;
    uint32_t  f;

    *low = _mm256_setzero_pd();
    *high = _mm256_setzero_pd();

    for (f = 0; f < n_factors; f += 8) {
        d = _mm256_cvtps_pd(_mm_load_ps(row + f));
        *low = _mm256_add_pd(*low, _mm256_mul_pd(d, d));

        d = _mm256_cvtps_pd(_mm_load_ps(row + f + 4));
        *high = _mm256_add_pd(*high, _mm256_mul_pd(d, d));
    }
}


/* lanes[r] of 4 rows; the sum over each row's 4, from the first on. */
RECS_ROWS_AVX2 RECS_ROWS_INLINE __m256d
recs_rows_add(__m256d sum, const __m256d lanes[4])
{
    __m256d  a, b, c, d;

    a = _mm256_unpacklo_pd(lanes[0], lanes[1]);
    b = _mm256_unpackhi_pd(lanes[0], lanes[1]);
    c = _mm256_unpacklo_pd(lanes[2], lanes[3]);
    d = _mm256_unpackhi_pd(lanes[2], lanes[3]);

    sum = _mm256_add_pd(sum, _mm256_permute2f128_pd(a, c, 0x20));
    sum = _mm256_add_pd(sum, _mm256_permute2f128_pd(b, d, 0x20));
    sum = _mm256_add_pd(sum, _mm256_permute2f128_pd(a, c, 0x31));

    return _mm256_add_pd(sum, _mm256_permute2f128_pd(b, d, 0x31));
}


/* recs_row_norm() of 4 rows, to the bit. */
RECS_ROWS_AVX2 RECS_ROWS_INLINE __m256d
recs_rows_norms(const float *rows, uint32_t n_factors, uint32_t stride)
{
    __m256d  sum, low[4], high[4];

    recs_rows_lanes(rows, n_factors, &low[0], &high[0]);
    recs_rows_lanes(rows + stride, n_factors, &low[1], &high[1]);
    recs_rows_lanes(rows + 2 * (size_t) stride, n_factors, &low[2], &high[2]);
    recs_rows_lanes(rows + 3 * (size_t) stride, n_factors, &low[3], &high[3]);

    sum = recs_rows_add(_mm256_setzero_pd(), low);

    return _mm256_sqrt_pd(recs_rows_add(sum, high));
}


/* n a multiple of 4, first not 0. */
RECS_ROWS_AVX2 static int
recs_rows_good_avx2(const float *rows, uint64_t n, uint32_t n_factors,
    uint32_t stride, const float *norms, uint64_t first)
{
    int       good;
    __m128    own;
    __m256d   norm;
    uint64_t  i;

    good = 0xf;

    for (i = 0; i < n; i += 4) {
        norm = recs_rows_norms(rows + i * stride, n_factors, stride);

        if (norms == NULL) {
            good &= _mm256_movemask_pd(_mm256_cmp_pd(norm,
                                                     _mm256_set1_pd(DBL_MAX),
                                                     _CMP_LE_OQ));
            continue;
        }

        own = _mm_loadu_ps(norms + first + i);

        good &= _mm256_movemask_pd(_mm256_cmp_pd(norm, _mm256_cvtps_pd(own),
                                                 _CMP_LE_OQ))
                & _mm_movemask_ps(_mm_cmple_ps(own, _mm_loadu_ps(norms + first
                                                                 + i - 1)));
    }

    return good == 0xf;
}

#endif


int
recs_rows_good(const float *rows, uint64_t n, uint32_t n_factors,
    uint32_t stride, const float *norms, uint64_t first)
{
    int       good;
    uint64_t  i;

    i = 0;
    good = recs_rows_padded(rows, n, n_factors, stride);

#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx2") && n > 4) {
        i = 1 + (n - 1) / 4 * 4;

        good &= recs_rows_good_one(rows, n_factors, norms, first)
                & recs_rows_good_avx2(rows + stride, i - 1, n_factors, stride,
                                      norms, first + 1);
    }
#endif

    for ( /* void */ ; i < n; i++) {
        good &= recs_rows_good_one(rows + i * stride, n_factors, norms,
                                   first + i);
    }

    return good;
}
