/*
 * A token's bytes and text: what goes in comes out, anything else is refused.
 */

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "recs_token.h"


static const char  long_name[RECS_TOKEN_NAME_MAX + 1] =
    "a_name_of_thirty_two_characters_";


static recs_token_t
token_of(const char *slot, const char *experiment, const char *variant)
{
    recs_token_t  t;

    memset(&t, 0, sizeof(t));
    t.kid = 255;
    t.rank = 100;
    t.time = 0xf1e2d3c4;
    t.generation = 4000000000;
    t.generation_hash = 0x9f3c21aa;
    t.propensity = 0.125f;
    t.item_hash = 0xfedcba987654;
    memcpy(t.user_mac, "\1\2\3\4\5\6\7\x88", RECS_TOKEN_USER_LEN);
    t.slot.data = slot;
    t.slot.len = strlen(slot);
    t.experiment.data = experiment;
    t.experiment.len = strlen(experiment);
    t.variant.data = variant;
    t.variant.len = strlen(variant);

    return t;
}


static void
assert_name(recs_str_t a, recs_str_t b)
{
    assert_int_equal(a.len, b.len);
    assert_memory_equal(a.data, b.data, b.len);
}


static void
assert_same(const recs_token_t *a, const recs_token_t *b)
{
    assert_int_equal(a->kid, b->kid);
    assert_int_equal(a->rank, b->rank);
    assert_int_equal(a->time, b->time);
    assert_int_equal(a->generation, b->generation);
    assert_int_equal(a->generation_hash, b->generation_hash);
    assert_true(a->propensity == b->propensity);
    assert_true(a->item_hash == b->item_hash);
    assert_memory_equal(a->user_mac, b->user_mac, RECS_TOKEN_USER_LEN);
    assert_name(a->slot, b->slot);
    assert_name(a->experiment, b->experiment);
    assert_name(a->variant, b->variant);
}


/* A copy of exactly len bytes: a sanitizer sees one too far. */
static uint8_t *
exactly(const uint8_t *bytes, size_t len)
{
    uint8_t  *copy;

    copy = malloc(len > 0 ? len : 1);
    assert_non_null(copy);
    memcpy(copy, bytes, len);

    return copy;
}


static int
decode(const uint8_t *body, size_t len)
{
    int            rc;
    uint8_t       *copy;
    recs_token_t   t;

    copy = exactly(body, len);
    rc = recs_token_decode(&t, copy, len);
    free(copy);

    return rc;
}


static void
round_trip(void **state)
{
    size_t         i, len;
    uint8_t        body[RECS_TOKEN_BODY_MAX];
    recs_token_t   in, out;

    const char *const  names[][3] = {
        { "", "", "" }, { "for_you", "", "" }, { "a", "b", "c" },
        { long_name, long_name, long_name }, { "", long_name, "x" },
    };

    (void) state;

    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        in = token_of(names[i][0], names[i][1], names[i][2]);
        len = recs_token_encode(&in, body);

        assert_int_equal(len, 36 + in.slot.len + in.experiment.len
                              + in.variant.len);
        assert_true(recs_token_decode(&out, body, len));
        assert_same(&out, &in);
    }
}


/* The bytes are in pages that outlive an upgrade: they stay what they are. */
static void
known_bytes(void **state)
{
    uint8_t        body[RECS_TOKEN_BODY_MAX];
    recs_token_t   t;

    static const uint8_t  known[] =
        "\x01\xff" "\xf1\xe2\xd3\xc4" "\x01\x02\x03\x04\x05\x06\x07\x88"
        "\xee\x6b\x28\x00" "\x9f\x3c\x21\xaa" "\x64" "\x3e\x00\x00\x00"
        "\xfe\xdc\xba\x98\x76\x54" "\x04" "best" "\x01" "e" "\x00";

    (void) state;

    t = token_of("best", "e", "");

    assert_int_equal(recs_token_encode(&t, body), sizeof(known) - 1);
    assert_memory_equal(body, known, sizeof(known) - 1);
}


static void
refused(void **state)
{
    size_t         i, len;
    uint8_t        body[RECS_TOKEN_BODY_MAX + 1];
    recs_token_t   t;

    (void) state;

    t = token_of("for_you", "e", long_name);
    len = recs_token_encode(&t, body);
    body[len] = 0;

    assert_true(decode(body, len));

    for (i = 0; i < len; i++) {
        assert_false(decode(body, i));
    }

    assert_false(decode(body, len + 1));

    body[0] = RECS_TOKEN_VERSION + 1;
    assert_false(decode(body, len));
    body[0] = RECS_TOKEN_VERSION;

    /* A name of 33 bytes that the rest has room for. */

    body[33] = RECS_TOKEN_NAME_MAX + 1;
    assert_false(decode(body, len));
    body[33] = 8;
    assert_false(decode(body, len));
    body[33] = 255;
    assert_false(decode(body, len));

    t.propensity = NAN;
    len = recs_token_encode(&t, body);
    assert_false(decode(body, len));
    t.propensity = INFINITY;
    len = recs_token_encode(&t, body);
    assert_false(decode(body, len));
}


static void
text_of_every_length(void **state)
{
    char      text[RECS_TOKEN_TEXT_MAX];
    size_t    i, len, n;
    uint8_t   bytes[RECS_TOKEN_BYTES_MAX], back[RECS_TOKEN_BYTES_MAX];

    (void) state;

    for (i = 0; i < sizeof(bytes); i++) {
        bytes[i] = (uint8_t) (i * 89 + 7);
    }

    for (len = 1; len <= sizeof(bytes); len++) {
        n = recs_token_text(bytes, len, text);

        assert_int_equal(n, (len * 8 + 5) / 6);
        assert_int_equal(recs_token_bytes(text, n, back), len);
        assert_memory_equal(back, bytes, len);
    }

    assert_int_equal(recs_token_text((const uint8_t *) "\xfb\xff\xbf\x10", 4,
                                     text),
                     6);
    assert_memory_equal(text, "-_-_EA", 6);
}


static void
text_refused(void **state)
{
    char      text[RECS_TOKEN_TEXT_MAX + 8];
    size_t    i;
    uint8_t   bytes[RECS_TOKEN_BYTES_MAX];

    static const char *const  bad[] = {
        "A", "AAAAA", "AA==", "AA=", "A+AA", "A/AA", "A AA", "AAA\n",
        "\377AAA", "AB", "AAB", "A.AA"
    };

    (void) state;

    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_int_equal(recs_token_bytes(bad[i], strlen(bad[i]), bytes), 0);
    }

    memset(text, 'A', sizeof(text));

    assert_int_equal(recs_token_bytes(text, RECS_TOKEN_TEXT_MAX, bytes),
                     RECS_TOKEN_BYTES_MAX);
    assert_int_equal(recs_token_bytes(text, RECS_TOKEN_TEXT_MAX + 1, bytes),
                     0);
    assert_int_equal(recs_token_bytes(text, RECS_TOKEN_TEXT_MAX + 2, bytes),
                     0);
    assert_int_equal(recs_token_bytes(text, 0, bytes), 0);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(round_trip),
        cmocka_unit_test(known_bytes),
        cmocka_unit_test(refused),
        cmocka_unit_test(text_of_every_length),
        cmocka_unit_test(text_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
