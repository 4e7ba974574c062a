/*
 * recs_sealed_case: the sealed file that a cmocka test breaks, made before it
 * and freed after it.
 */

#ifndef _RECS_SEALED_CASE_H_INCLUDED_
#define _RECS_SEALED_CASE_H_INCLUDED_


#include "recs_sealed_file.h"


extern recs_sealed_file_t  recs_sealed;


/*
 * What most tests break: 300 items of 20 factors, 70 users, lists of at most
 * 40 neighbours, 30 segments, 5 trees, a network of 32 units, a
 * logistic regression of 9 features, 50 terms;
 * tables in one shard each, or in many.
 */
int recs_sealed_setup(void **state);
int recs_sealed_setup_shards(void **state);
int recs_sealed_teardown(void **state);

#define RECS_SEALED_TEST(f)                                                   \
    cmocka_unit_test_setup_teardown(f, recs_sealed_setup,                     \
                                    recs_sealed_teardown)
#define RECS_SEALED_TEST_SHARDS(f)                                            \
    { "sharded: " #f, f, recs_sealed_setup_shards, recs_sealed_teardown, NULL }

/*
 * Fails the test unless the bundle is refused with these words, as damaged,
 * when what is at an address in the map is replaced and all is sealed anew.
 */
void recs_refuses(const void *address, const void *bytes, size_t n,
    const char *words);
void recs_refuses_u32(const void *address, uint32_t value,
    const char *words);
void recs_refuses_float(const void *address, float value,
    const char *words);

/* The same of a header of another shape of the table that begins at data. */
void recs_refuses_shape(const void *data, uint64_t n_rows, uint32_t row_size,
    const char *words);

/* The same of the manifest's entry, whose value is as long. */
void recs_refuses_entry(const char *name, const char *value,
    const char *words);


#endif /* _RECS_SEALED_CASE_H_INCLUDED_ */
