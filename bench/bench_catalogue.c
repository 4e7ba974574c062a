/*
 * bench_catalogue: a generated catalogue for `recs pack`, the same for the
 * same arguments.
 *
 *     bench_catalogue N_ITEMS KIND DIR
 *                                items.npy items.txt users.npy users.txt
 *
 * Vectors of 64 factors as matrix factorisation leaves them: clusters whose
 * sizes follow Zipf's law (0.7), a falling spectrum (i^-0.5), all of it
 * rotated.  The norms of the items are, by KIND:
 *
 *     power    falling with popularity (rank^-0.225) times a lognormal (0.25)
 *     flat     the lognormal alone
 *     unit     1
 */

#include "recs_rng.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>


#define CATALOGUE_FACTORS  64
#define CATALOGUE_USERS    10000
#define CATALOGUE_SPREAD   0.43         /* of items about their cluster */
#define CATALOGUE_TURNS    2


typedef enum {
    CATALOGUE_POWER,
    CATALOGUE_FLAT,
    CATALOGUE_UNIT
} catalogue_kind_t;


/* Signs of the random rotation. */
static float  catalogue_signs[CATALOGUE_TURNS][CATALOGUE_FACTORS];


static void
catalogue_die(const char *what)
{
    perror(what);
    exit(1);
}


static FILE *
catalogue_open(const char *dir, const char *name)
{
    char   path[4096];
    FILE  *f;

    snprintf(path, sizeof(path), "%s/%s", dir, name);

    f = fopen(path, "wb");
    if (f == NULL) {
        catalogue_die(path);
    }

    return f;
}


static void
catalogue_close(FILE *f)
{
    if (fclose(f) != 0) {
        catalogue_die("write");
    }
}


/* The header of a .npy file, version 1: 128 bytes in all. */
static void
catalogue_npy(FILE *f, uint32_t n_rows)
{
    char  header[129];

    memset(header, ' ', sizeof(header));
    memcpy(header, "\x93NUMPY\x01\x00\x76\x00", 10);
    header[10 + snprintf(header + 10, 118, "{'descr': '<f4', 'fortran_order':"
                         " False, 'shape': (%u, %d), }", n_rows,
                         CATALOGUE_FACTORS)] = ' ';
    header[127] = '\n';

    fwrite(header, 1, 128, f);
}


static void
catalogue_ids(const char *dir, const char *name, char letter, uint32_t n)
{
    FILE      *f;
    uint32_t   i;

    f = catalogue_open(dir, name);

    for (i = 0; i < n; i++) {
        fprintf(f, "%c%u\n", letter, i);
    }

    catalogue_close(f);
}


/*
 * An orthogonal map that leaves no factor what it was: random signs, then
 * Hadamard's matrix, twice.
 */
static void
catalogue_rotate(float *v)
{
    int    t, f, half;
    float  a, b;

    for (t = 0; t < CATALOGUE_TURNS; t++) {

        for (f = 0; f < CATALOGUE_FACTORS; f++) {
            v[f] *= catalogue_signs[t][f];
        }

        for (half = 1; half < CATALOGUE_FACTORS; half *= 2) {
            for (f = 0; f < CATALOGUE_FACTORS; f++) {
                if ((f & half) == 0) {
                    a = v[f];
                    b = v[f + half];
                    v[f] = a + b;
                    v[f + half] = a - b;
                }
            }
        }
    }
}


/* A direction near the centre, or anywhere without one, of the length. */
static void
catalogue_vector(recs_rng_t *rng, const float *centre, double length,
    float *v)
{
    int     f;
    double  sum;

    sum = 0.0;

    for (f = 0; f < CATALOGUE_FACTORS; f++) {
        v[f] = (float) (recs_rng_normal(rng) / sqrt(f + 1.0));

        if (centre != NULL) {
            v[f] = centre[f] + (float) CATALOGUE_SPREAD * v[f];
        }

        sum += (double) v[f] * v[f];
    }

    for (f = 0; f < CATALOGUE_FACTORS; f++) {
        v[f] = (float) (v[f] * length / sqrt(sum));
    }
}


static double
catalogue_length(recs_rng_t *rng, catalogue_kind_t kind, uint32_t rank)
{
    if (kind == CATALOGUE_UNIT) {
        return 1.0;
    }

    return exp(0.25 * recs_rng_normal(rng))
           * (kind == CATALOGUE_POWER ? pow(rank, -0.225) : 1.0);
}


/* The cluster of a uniform number, by the sizes' running sum. */
static uint32_t
catalogue_cluster(const double *sums, uint32_t n, double u)
{
    uint32_t  low, high, middle;

    low = 0;
    high = n - 1;

    while (low < high) {
        middle = (low + high) / 2;

        if (sums[middle] < u * sums[n - 1]) {
            low = middle + 1;

        } else {
            high = middle;
        }
    }

    return low;
}


static void
catalogue_write(const char *dir, catalogue_kind_t kind, uint32_t n_items)
{
    FILE        *items, *users;
    float       *centres, *centre, v[CATALOGUE_FACTORS];
    double      *sums, length, scale;
    uint32_t     i, f, n_clusters;
    recs_rng_t   rng;

    n_clusters = (uint32_t) (4.0 * sqrt(n_items)) + 1;
    centres = malloc(n_clusters * sizeof(v));
    sums = malloc(n_clusters * sizeof(double));

    if (centres == NULL || sums == NULL) {
        catalogue_die("memory");
    }

    recs_rng_seed(&rng, 1);
    scale = pow(CATALOGUE_FACTORS, -0.5 * CATALOGUE_TURNS);

    for (i = 0; i < CATALOGUE_TURNS; i++) {
        for (f = 0; f < CATALOGUE_FACTORS; f++) {
            catalogue_signs[i][f] = recs_rng_uniform(&rng) < 0.5 ? -1 : 1;
        }
    }

    for (i = 0; i < n_clusters; i++) {
        catalogue_vector(&rng, NULL, 1.0, centres + i * CATALOGUE_FACTORS);
        sums[i] = pow(i + 1.0, -0.7) + (i > 0 ? sums[i - 1] : 0.0);
    }

    items = catalogue_open(dir, "items.npy");
    users = catalogue_open(dir, "users.npy");
    catalogue_npy(items, n_items);
    catalogue_npy(users, CATALOGUE_USERS);

    for (i = 0; i < n_items + CATALOGUE_USERS; i++) {
        centre = centres + CATALOGUE_FACTORS
                 * catalogue_cluster(sums, n_clusters, recs_rng_uniform(&rng));
        length = i < n_items ? catalogue_length(&rng, kind, i + 1) : 1.0;

        catalogue_vector(&rng, centre, length * scale, v);
        catalogue_rotate(v);
        fwrite(v, sizeof(v), 1, i < n_items ? items : users);
    }

    catalogue_close(items);
    catalogue_close(users);
    free(centres);
    free(sums);
}


int
main(int argc, char **argv)
{
    uint32_t            i, n_items;
    static const char  *kinds[] = { "power", "flat", "unit" };

    n_items = argc == 4 ? (uint32_t) strtoul(argv[1], NULL, 10) : 0;

    for (i = 0; n_items != 0 && i < 3; i++) {
        if (strcmp(argv[2], kinds[i]) == 0) {
            catalogue_ids(argv[3], "items.txt", 'i', n_items);
            catalogue_ids(argv[3], "users.txt", 'u', CATALOGUE_USERS);
            catalogue_write(argv[3], (catalogue_kind_t) i, n_items);

            return 0;
        }
    }

    fprintf(stderr, "usage: bench_catalogue N_ITEMS power|flat|unit DIR\n");

    return 2;
}
