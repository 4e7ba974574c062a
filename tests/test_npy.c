/* recs_npy: what numpy writes is read, everything else is refused by name. */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "recs_npy.h"
#include "recs_temp.h"


/* A file of a version, a header and data; returns its path. */
static const char *
make_npy(int version, const char *dict, const void *data, size_t len)
{
    char    file[4096];
    size_t  n, total;

    n = strlen(dict);
    memcpy(file, "\x93NUMPY", 6);
    file[6] = (char) version;
    file[7] = 0;
    file[8] = (char) (n & 0xff);
    file[9] = (char) (n >> 8);
    total = 10;

    if (version > 1) {
        file[10] = file[11] = 0;
        total = 12;
    }

    memcpy(file + total, dict, n);
    total += n;

    if (len > 0) {
        memcpy(file + total, data, len);
    }

    return recs_temp_write("x.npy", file, total + len);
}


static void
refused(const char *path, const char *why)
{
    recs_npy_t    npy;
    recs_error_t  err;

    memset(&npy, 0, sizeof(npy));
    assert_int_equal(recs_npy_read(&npy, path, &err), RECS_INVALID);
    assert_null(npy.values);

    if (strstr(err.message, why) == NULL) {
        fail_msg("\"%s\" does not say \"%s\"", err.message, why);
    }
}


#define DICT(descr, fortran, shape)                                           \
    "{'descr': '" descr "', 'fortran_order': " fortran ", 'shape': " shape    \
    ", }          \n"


static void
test_float32(void **state)
{
    int           version;
    recs_npy_t    npy;
    recs_error_t  err;

    static const float  values[6] = { 1, -2.5f, 3e-40f, 0, 1e30f, 6 };

    (void) state;

    for (version = 1; version <= 3; version++) {
        assert_int_equal(recs_npy_read(&npy,
            make_npy(version, DICT("<f4", "False", "(2, 3)"), values,
                     sizeof(values)), &err), RECS_OK);

        assert_int_equal(npy.n_rows, 2);
        assert_int_equal(npy.n_cols, 3);
        assert_memory_equal(npy.values, values, sizeof(values));
        free(npy.values);
    }

    /* Any order of keys, any quotes, no last comma. */
    assert_int_equal(recs_npy_read(&npy,
        make_npy(1, "{\"shape\":(6,1),\"descr\":\"<f4\","
                    "\"fortran_order\":False}\n", values, sizeof(values)),
        &err), RECS_OK);
    assert_int_equal(npy.n_rows, 6);
    free(npy.values);
}


/* IEEE 754 binary16 by its definition, in double. */
static double
half_value(unsigned h)
{
    double  sign, fraction;

    sign = h & 0x8000 ? -1 : 1;
    fraction = (h & 0x3ff) / 1024.0;

    if ((h >> 10 & 31) == 0) {
        return sign * pow(2, -14) * fraction;
    }

    return sign * pow(2, (int) (h >> 10 & 31) - 15) * (1 + fraction);
}


static void
test_half(void **state)
{
    unsigned  h;

    (void) state;

    for (h = 0; h < 0x10000; h++) {
        if ((h >> 10 & 31) == 31) {
            assert_false(isfinite(recs_npy_half((uint16_t) h)));
            continue;
        }

        assert_true((double) recs_npy_half((uint16_t) h) == half_value(h));
        assert_int_equal(signbit(recs_npy_half((uint16_t) h)) != 0, h >> 15);
    }
}


static void
test_float16(void **state)
{
    recs_npy_t    npy;
    recs_error_t  err;

    static const uint16_t  halves[4] = { 0x3c00, 0xc000, 0x0001, 0x7bff };

    (void) state;

    assert_int_equal(recs_npy_read(&npy,
        make_npy(1, DICT("<f2", "False", "(2, 2)"), halves, sizeof(halves)),
        &err), RECS_OK);

    assert_true(npy.values[0] == 1.0f);
    assert_true(npy.values[1] == -2.0f);
    assert_true(npy.values[2] == ldexpf(1, -24));
    assert_true(npy.values[3] == 65504.0f);
    free(npy.values);
}


static void
test_refused(void **state)
{
    float  v[6] = { 1, 2, 3, 4, 5, 6 };

    (void) state;

    refused(make_npy(1, DICT("<f8", "False", "(1, 3)"), v, 24), "<f8");
    refused(make_npy(1, DICT(">f4", "False", "(2, 3)"), v, 24), ">f4");
    refused(make_npy(1, DICT("<i4", "False", "(2, 3)"), v, 24), "<i4");
    refused(make_npy(1, DICT("|O", "False", "(2, 3)"), v, 24), "|O");
    refused(make_npy(1, DICT("<f4", "True", "(2, 3)"), v, 24), "Fortran");
    refused(make_npy(1, DICT("<f4", "False", "(6,)"), v, 24),
            "1 dimensions");
    refused(make_npy(1, DICT("<f4", "False", "()"), v, 4), "0 dimensions");
    refused(make_npy(1, DICT("<f4", "False", "(1, 2, 3)"), v, 24),
            "3 dimensions");
    refused(make_npy(4, DICT("<f4", "False", "(2, 3)"), v, 24), "version");
    refused(recs_temp_text("x.npy", "id,title\n1,x\n"), "not a .npy file");
    refused(recs_temp_text("x.npy", ""), "ends too early");
}


static void
test_header_broken(void **state)
{
    size_t    i;
    float     v[6] = { 1, 2, 3, 4, 5, 6 };

    static const char *const  dicts[] = {
        "",
        "{",
        "{}",
        "{'descr': '<f4', 'fortran_order': False}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3)",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3)} x",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (2 3)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (-2, 3)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), 'x': 1}",
        "{'descr': '<f4', 'fortran_order': 0, 'shape': (2, 3)}",
        "{'descr': '<f4', 'descr': '<f4', 'shape': (2, 3)}",
        "{'descr': [('x', '<f4')], 'fortran_order': False, 'shape': (2, 3)}",
        "{'descr':'<f4','fortran_order':False,'shape':(99999999999999999999,3)}"
    };

    (void) state;

    for (i = 0; i < sizeof(dicts) / sizeof(dicts[0]); i++) {
        refused(make_npy(1, dicts[i], v, sizeof(v)), "not what numpy writes");
    }
}


static void
test_size(void **state)
{
    float  v[6] = { 1, 2, 3, 4, 5, 6 };

    (void) state;

    refused(make_npy(1, DICT("<f4", "False", "(2, 3)"), v, 20), "needs 24");
    refused(make_npy(1, DICT("<f4", "False", "(1, 3)"), v, 24), "needs 12");
    refused(make_npy(1, DICT("<f4", "False", "(4294967295, 4294967295)"), v,
                     24), "too large");
    refused(make_npy(1, DICT("<f4", "False", "(4000000000, 64)"), v, 24),
            "needs 1024000000000");
    refused(make_npy(1, DICT("<f4", "False", "(4294967296, 1)"), v, 24),
            "too large");
}


static void
test_not_finite(void **state)
{
    float     v[6] = { 1, 2, 3, 4, NAN, 6 };
    uint16_t  h[4] = { 0, 0, 0x7c00, 0 };

    (void) state;

    refused(make_npy(1, DICT("<f4", "False", "(3, 2)"), v, 24), "row 2 ");
    v[4] = INFINITY;
    refused(make_npy(1, DICT("<f4", "False", "(2, 3)"), v, 24), "row 1 ");
    refused(make_npy(1, DICT("<f2", "False", "(4, 1)"), h, 8), "row 2 ");
}


static void
test_missing(void **state)
{
    recs_npy_t    npy;
    recs_error_t  err;

    (void) state;

    assert_int_equal(recs_npy_read(&npy, recs_temp_path("none.npy"), &err),
                     RECS_IO);
    assert_non_null(strstr(err.message, "none.npy"));
    assert_int_equal(recs_npy_read(&npy, "/", &err), RECS_IO);
}


static void
test_round_trip(void **state)
{
    const char    *path;
    recs_npy_t     npy;
    recs_file_t   *file;
    recs_error_t   err;

    static const float  values[4] = { 1.5f, -2, 0, 7e-20f };

    (void) state;

    path = recs_temp_path("y.npy");
    file = malloc(sizeof(recs_file_t));
    assert_non_null(file);

    assert_int_equal(recs_file_create(file, path, &err), RECS_OK);
    assert_int_equal(recs_npy_write_header(file, 2, 2, &err), RECS_OK);
    assert_int_equal(file->offset % 64, 0);
    assert_int_equal(recs_file_write(file, values, sizeof(values), &err),
                     RECS_OK);
    assert_int_equal(recs_file_commit(file, &err), RECS_OK);

    assert_int_equal(recs_npy_read(&npy, recs_temp_path("y.npy"), &err),
                     RECS_OK);
    assert_memory_equal(npy.values, values, sizeof(values));

    free(npy.values);
    free(file);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_float32),
        cmocka_unit_test(test_half),
        cmocka_unit_test(test_float16),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_header_broken),
        cmocka_unit_test(test_size),
        cmocka_unit_test(test_not_finite),
        cmocka_unit_test(test_missing),
        cmocka_unit_test(test_round_trip)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
