/*
 * Records: what is built is read back, and no byte of it can be broken
 * without a reader that stays inside.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "recs_record.h"


static recs_str_t
str(const char *text)
{
    recs_str_t  s;

    s.data = text;
    s.len = strlen(text);

    return s;
}


static void
assert_str(recs_str_t got, const char *want)
{
    assert_int_equal(got.len, strlen(want));
    assert_memory_equal(got.data, want, got.len);
}


static recs_str_t
build(recs_record_builder_t *b)
{
    assert_int_equal(recs_record_begin(b, str("item \xc3\xa9")), RECS_OK);
    assert_int_equal(recs_record_add(b, 0, str("a title")), RECS_OK);
    assert_int_equal(recs_record_add(b, 2, str("")), RECS_OK);
    assert_int_equal(recs_record_add(b, 7, str("\xe2\x82\xac 5")), RECS_OK);

    return recs_record_end(b);
}


static void
test_round_trip(void **state)
{
    size_t                  pos;
    uint32_t                column;
    recs_str_t              record, value;
    recs_record_builder_t   b;

    (void) state;

    memset(&b, 0, sizeof(b));
    record = build(&b);

    assert_int_equal(recs_record_check(record, 8), RECS_OK);
    assert_int_equal(recs_record_check(record, 7), RECS_CORRUPT);

    assert_str(recs_record_id(record), "item \xc3\xa9");
    assert_str(recs_record_attribute(record, 0), "a title");
    assert_str(recs_record_attribute(record, 7), "\xe2\x82\xac 5");
    assert_null(recs_record_attribute(record, 1).data);

    value = recs_record_attribute(record, 2);
    assert_non_null(value.data);
    assert_int_equal(value.len, 0);

    pos = 0;
    assert_true(recs_record_next(record, &pos, &column, &value));
    assert_int_equal(column, 0);
    assert_true(recs_record_next(record, &pos, &column, &value));
    assert_int_equal(column, 2);
    assert_true(recs_record_next(record, &pos, &column, &value));
    assert_int_equal(column, 7);
    assert_false(recs_record_next(record, &pos, &column, &value));

    /* The builder is used again, without the former attributes. */
    assert_int_equal(recs_record_begin(&b, str("x")), RECS_OK);
    record = recs_record_end(&b);
    assert_int_equal(record.len, 4);
    assert_int_equal(recs_record_check(record, 0), RECS_OK);
    pos = 0;
    assert_false(recs_record_next(record, &pos, &column, &value));

    recs_record_free(&b);
}


static void
test_refused(void **state)
{
    char                    *big;
    recs_str_t               value;
    recs_record_builder_t    b;

    (void) state;

    memset(&b, 0, sizeof(b));
    big = malloc(RECS_ATTRIBUTE_MAX + 1);
    assert_non_null(big);
    memset(big, 'x', RECS_ATTRIBUTE_MAX + 1);
    value.data = big;

    assert_int_equal(recs_record_begin(&b, str("")), RECS_INVALID);
    assert_int_equal(recs_record_begin(&b, str("a\nb")), RECS_INVALID);
    assert_int_equal(recs_record_begin(&b, str("\xff")), RECS_INVALID);

    value.len = RECS_ID_MAX + 1;
    assert_int_equal(recs_record_begin(&b, value), RECS_INVALID);

    assert_int_equal(recs_record_begin(&b, str("a")), RECS_OK);
    value.len = RECS_ATTRIBUTE_MAX;
    assert_int_equal(recs_record_add(&b, 3, value), RECS_OK);
    assert_int_equal(recs_record_add(&b, 3, str("x")), RECS_INVALID);
    assert_int_equal(recs_record_add(&b, 2, str("x")), RECS_INVALID);
    value.len++;
    assert_int_equal(recs_record_add(&b, 4, value), RECS_INVALID);
    assert_int_equal(recs_record_add(&b, 4, str("\xc3")), RECS_INVALID);
    assert_int_equal(recs_record_add(&b, RECS_COLUMNS_MAX, str("x")),
                     RECS_INVALID);
    assert_int_equal(recs_record_check(recs_record_end(&b), 4), RECS_OK);

    recs_record_free(&b);
    free(big);
}


/*
 * Every byte with every value, every length: whatever passes the check is
 * walked, in memory of exactly its size (ASan looks on).
 */
static void
test_hostile(void **state)
{
    char                   *copy;
    size_t                  i, len, pos;
    unsigned                value;
    uint32_t                column;
    recs_str_t              record, broken, v;
    recs_record_builder_t   b;

    (void) state;

    memset(&b, 0, sizeof(b));
    record = build(&b);

    for (len = 0; len < record.len; len++) {
        copy = malloc(len + 1);
        memcpy(copy, record.data, len);
        broken.data = copy;
        broken.len = len;
        assert_int_equal(recs_record_check(broken, 8), RECS_CORRUPT);
        free(copy);
    }

    copy = malloc(record.len);
    broken.data = copy;
    broken.len = record.len;

    for (i = 0; i < record.len; i++) {
        for (value = 0; value < 256; value++) {
            memcpy(copy, record.data, record.len);
            copy[i] = (char) value;

            if (recs_record_check(broken, 8) != RECS_OK) {
                continue;
            }

            pos = 0;

            while (recs_record_next(broken, &pos, &column, &v)) {
                assert_true(column < 8);
                assert_true(v.data + v.len <= copy + record.len);
            }

            assert_int_equal(pos, record.len);
        }
    }

    free(copy);
    recs_record_free(&b);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_hostile)
    };

    return cmocka_run_group_tests_name("record", tests, NULL, NULL);
}
