/*
 * base64url: RFC 4648's vectors, and that no other text is read.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "recs_base64url.h"


static void
test_vectors(void **state)
{
    size_t    i, len;
    char      text[16], bytes[16];

    static const char  *pairs[][2] = {
        { "", "" }, { "f", "Zg" }, { "fo", "Zm8" }, { "foo", "Zm9v" },
        { "foob", "Zm9vYg" }, { "fooba", "Zm9vYmE" }, { "foobar", "Zm9vYmFy" },
        { "\xfb\xff", "-_8" }
    };

    (void) state;

    for (i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
        len = recs_base64url_write(text, pairs[i][0], strlen(pairs[i][0]));
        assert_int_equal(len, strlen(pairs[i][1]));
        assert_int_equal(len, RECS_BASE64URL_LEN(strlen(pairs[i][0])));
        assert_memory_equal(text, pairs[i][1], len);

        len = recs_base64url_read(bytes, strlen(pairs[i][0]), pairs[i][1],
                                  len);
        assert_int_equal(len, strlen(pairs[i][0]));
        assert_memory_equal(bytes, pairs[i][0], len);
    }
}


static void
test_refused(void **state)
{
    size_t  i;
    char    bytes[16];

    static const char  *texts[] = {
        "Z", "Zg=", "Zg==", "Zh", "Zm9", "Zm9vY", "Zm 8", "Zm+v", "Zm/v",
        "Zm9v\n", "Zm\xc3\xa9"
    };

    (void) state;

    for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        assert_int_equal(recs_base64url_read(bytes, sizeof(bytes), texts[i],
                                             strlen(texts[i])),
                         RECS_BASE64URL_NO);
    }

    /* No room. */
    assert_int_equal(recs_base64url_read(bytes, 5, "Zm9vYmFy", 8),
                     RECS_BASE64URL_NO);
    assert_int_equal(recs_base64url_read(bytes, 1, "Zm9vYmFy", 8),
                     RECS_BASE64URL_NO);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_vectors),
        cmocka_unit_test(test_refused)
    };

    return cmocka_run_group_tests_name("base64url", tests, NULL, NULL);
}
