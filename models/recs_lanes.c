#include "recs_lanes.h"

#include <string.h>


#define RECS_LANES_AHEAD  4      /* rows prefetched before their turn */


/*
 * Scratch of one call, in floats: the packed rows, the tiles of every
 * system's P P' and the interleaved systems (a triangle, the right-hand
 * sides below it, the inverse pivots).
 */
#define RECS_LANES_PAIRS                                                      \
    ((RECS_LANES_N_MAX + 1) * (RECS_LANES_N_MAX + 2) / 2)

#define recs_lanes_packed_size(lanes, stride)                                 \
    ((size_t) (lanes) * RECS_LANES_N_MAX * (stride))
#define recs_lanes_tiles_size(lanes)                                          \
    ((size_t) (lanes) * RECS_LANES_N_MAX * RECS_LANES_N_MAX)
#define recs_lanes_system_size(lanes)                                         \
    ((size_t) (lanes) * (RECS_LANES_PAIRS + RECS_LANES_N_MAX))

#define RECS_LANES_PASTE_(name, suffix)  recs_lanes_##name##_##suffix
#define RECS_LANES_PASTE(name, suffix)   RECS_LANES_PASTE_(name, suffix)
#define RECS_LANES_(name)                RECS_LANES_PASTE(name, RECS_LANES)


/*
 * IN_LO, IN_HI pair up two vectors without crossing their 128-bit parts,
 * which is cheap; ZIP_LO, ZIP_HI interleave them wholly.
 */

#define RECS_LANES         4
#define RECS_LANES_TARGET
#define RECS_LANES_ROWS    2
#define RECS_LANES_COLS    2
#define RECS_LANES_IN_LO   0, 4, 1, 5
#define RECS_LANES_IN_HI   2, 6, 3, 7
#define RECS_LANES_ZIP_LO  0, 4, 1, 5
#define RECS_LANES_ZIP_HI  2, 6, 3, 7
#include "recs_lanes_body.h"

#if defined(__x86_64__)

#define RECS_LANES         8
#define RECS_LANES_TARGET  __attribute__((target("avx2,fma")))
#define RECS_LANES_ROWS    2
#define RECS_LANES_COLS    4
#define RECS_LANES_IN_LO   0, 8, 1, 9, 4, 12, 5, 13
#define RECS_LANES_IN_HI   2, 10, 3, 11, 6, 14, 7, 15
#define RECS_LANES_ZIP_LO  0, 8, 1, 9, 2, 10, 3, 11
#define RECS_LANES_ZIP_HI  4, 12, 5, 13, 6, 14, 7, 15
#include "recs_lanes_body.h"

#define RECS_LANES         16
#define RECS_LANES_TARGET  __attribute__((target("avx512f,avx2,fma")))
#define RECS_LANES_ROWS    4
#define RECS_LANES_COLS    4
#define RECS_LANES_IN_LO   0, 16, 1, 17, 4, 20, 5, 21,                        \
                           8, 24, 9, 25, 12, 28, 13, 29
#define RECS_LANES_IN_HI   2, 18, 3, 19, 6, 22, 7, 23,                        \
                           10, 26, 11, 27, 14, 30, 15, 31
#define RECS_LANES_ZIP_LO  0, 16, 1, 17, 2, 18, 3, 19,                        \
                           4, 20, 5, 21, 6, 22, 7, 23
#define RECS_LANES_ZIP_HI  8, 24, 9, 25, 10, 26, 11, 27,                      \
                           12, 28, 13, 29, 14, 30, 15, 31
#include "recs_lanes_body.h"

#endif


const recs_lanes_t *
recs_lanes_at(uint32_t i)
{
    uint32_t             n;
    const recs_lanes_t  *usable[3];

    n = 0;

#if defined(__x86_64__)

    static const recs_lanes_t  avx512 = { "avx512", 16, recs_lanes_solve_16,
                                        recs_lanes_pack_16 };
    static const recs_lanes_t  avx2 = { "avx2", 8, recs_lanes_solve_8,
                                      recs_lanes_pack_8 };

    if (__builtin_cpu_supports("avx512f")) {
        usable[n++] = &avx512;
    }

    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
        usable[n++] = &avx2;
    }

#endif

    static const recs_lanes_t  portable = { "portable", 4,
                                            recs_lanes_solve_4,
                                            recs_lanes_pack_4 };

    usable[n++] = &portable;

    return i < n ? usable[i] : NULL;
}


size_t
recs_lanes_scratch(const recs_lanes_t *lanes, uint32_t stride)
{
    return sizeof(float) * (recs_lanes_packed_size(lanes->lanes, stride)
                            + recs_lanes_tiles_size(lanes->lanes)
                            + recs_lanes_system_size(lanes->lanes));
}
