/* recs_import: each format, each cleaning step, each kind of bad input. */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "recs_import_helper.h"
#include "recs_temp.h"


static recs_helper_t  h;


static int
reset(void **state)
{
    (void) state;

    memset(&h, 0, sizeof(h));

    return 0;
}


static void
test_csv(void **state)
{
    (void) state;

    recs_helper_text(&h, RECS_FORMAT_CSV,
                     "rating,userId,extra,movie_id,Timestamp\r\n"
                     "3,10,x,a,2000-07-30T18:45:03Z\r\n"
                     "2.5,9,\"line\nbreak\",\"b,c\",964982703\r\n"
                     ",9,,a,\r\n");
    assert_string_equal(h.err.message, "");
    assert_string_equal(h.text, "9:a,b,c*2.5@964982703000"
                        " 10:a*3@964982703000");
    assert_int_equal(h.report.n_rows, 3);
    assert_int_equal(h.report.n_kept, 3);
    assert_int_equal(h.report.n_users, 2);
    assert_int_equal(h.report.n_items, 2);
    assert_int_equal(h.report.from_ms, 964982703000);
    assert_true(h.report.density == 0.75);
    assert_int_equal(h.report.format, RECS_FORMAT_CSV);

    h.options.user_column = "who";
    h.options.item_column = "user";
    recs_helper_text(&h, RECS_FORMAT_CSV, "user,who\n1,2\n");
    assert_string_equal(h.text, "2:1");
}


static void
test_csv_columns(void **state)
{
    (void) state;

    recs_helper_text(&h, RECS_FORMAT_CSV, "a,b\n1,2\n");
    assert_int_equal(h.status, RECS_INVALID);
    assert_non_null(strstr(h.err.message, "no column for the user among"
                           " \"a,b\""));

    h.options.value_column = "x";
    recs_helper_text(&h, RECS_FORMAT_CSV, "user,item,value\n1,2,3\n");
    assert_non_null(strstr(h.err.message, "no column \"x\""));

    recs_helper_text(&h, RECS_FORMAT_CSV, "");
    assert_non_null(strstr(h.err.message, "no header row"));

    recs_helper_text(&h, RECS_FORMAT_CSV, "\"user,item\n");
    assert_non_null(strstr(h.err.message, "no header row"));
}


/* Every malformed row is told by line and reason; the rest is kept. */

static void
test_csv_rejects(void **state)
{
    char    *text;
    size_t   i, len;

    (void) state;

    text = malloc(65536);
    len = (size_t) sprintf(text,
        "user,item,timestamp,value\n"
        "1,a,1,1\n"
        "1,b,1\n"                      /* 3: fields */
        ",a,1,1\n"                     /* 4: user */
        "1,,1,1\n"                     /* 5: item */
        "1,a,soon,1\n"                 /* 6: time */
        "1,a,-5,1\n"                   /* 7: range */
        "1,a,99999999999999,1\n"       /* 8: range */
        "1,a,1,NaN\n"                  /* 9: value, and so on to 14 */
        "1,a,1,inf\n"
        "1,a,1,1e999\n"
        "1,a,1,1e39\n"
        "1,a,1,0\n"
        "1,a,1,-1\n"
        "1\"2,a,1,1\n"                 /* 15: syntax */
        "\xc3\x28,a,1,1\n"             /* 16: user */
        "1,\x07,1,1\n"                 /* 17: item */
        "1,\"x\ny\",1,1\n"             /* 18: item */
        "1,");

    for (i = 0; i < 512; i++) {
        text[len++] = 'x';             /* 20: item of 512 bytes */
    }

    strcpy(text + len, ",1,1\n2,b,1,1");

    recs_helper_text(&h, RECS_FORMAT_CSV, text);
    assert_string_equal(h.err.message, "");
    assert_string_equal(h.text, "1:a@1000 2:b@1000");
    assert_string_equal(h.rejects,
        "3 wrong number of fields; 4 user is not a valid id;"
        " 5 item is not a valid id; 6 timestamp not understood;"
        " 7 timestamp out of range; 8 timestamp out of range;"
        " 9 value is not a number above 0; 10 value is not a number above 0;"
        " 11 value is not a number above 0; 12 value is not a number above 0;"
        " 13 value is not a number above 0; 14 value is not a number above 0;"
        " 15 malformed row; 16 user is not a valid id;"
        " 17 item is not a valid id; 18 item is not a valid id;"
        " 20 item is not a valid id; ");
    assert_int_equal(h.report.n_rejected, 17);
    assert_int_equal(h.report.n_kept, 2);
    assert_int_equal(h.report.n_rows, 19);
    assert_int_equal(h.report.n_reason[RECS_REJECT_VALUE], 6);

    h.options.strict = 1;
    recs_helper_text(&h, RECS_FORMAT_CSV, text);
    assert_int_equal(h.status, RECS_INVALID);
    assert_non_null(strstr(h.err.message, "input:3: wrong number of fields"));
    free(text);

    h.options.strict = 0;
    h.options.format = RECS_FORMAT_CSV;
    recs_helper_import(&h, recs_temp_write("nul", "user,item\n1\0,a\n2,b\n",
                                           19));
    assert_string_equal(h.rejects, "2 user is not a valid id; ");
    assert_string_equal(h.text, "2:b");
}


static void
test_jsonl(void **state)
{
    (void) state;

    recs_helper_text(&h, RECS_FORMAT_JSONL,
        "{\"user_id\":1,\"itemId\":\"a\",\"ts\":964982703,\"value\":2}\n"
        "\n"
        "{\"item\":\"a\",\"user\":\"2\",\"time\":\"2000-07-30\"}\n"
        "{\"user\":2,\"item\":null}\n"             /* 4 */
        "{\"user\":2.5,\"item\":\"a\"}\n"
        "{\"user\":[],\"item\":\"a\"}\n"
        "{\"user\":2,\"item\":\"a\",\"value\":1e999}\n"
        "{\"user\":2,\"item\":\"a\",\"value\":\"x\"}\n"
        "{\"user\":2,\"item\":\"a\\u0000\"}\n"
        "{\"user\":2,\"item\":\"\xff\"}\n"
        "{\"user\":2,\"item\":\"b\",\"ts\":-1}\n"
        "[1,2]\n"
        "{\"user\":2,\n");
    assert_string_equal(h.err.message, "");
    assert_string_equal(h.text, "1:a*2@964982703000 2:a@964915200000");
    assert_string_equal(h.rejects,
        "4 item is not a valid id; 5 user is not a valid id;"
        " 6 user is not a valid id; 7 malformed row;"
        " 8 value is not a number above 0; 9 malformed row;"
        " 10 malformed row; 11 timestamp out of range; 12 malformed row;"
        " 13 malformed row; ");
}


static const char  events[] =
    "{\"id\":\"e1\",\"ts\":1700000000000,\"user\":\"u\",\"event\":\"view\","
        "\"item\":\"a\"}\n"
    "{\"id\":\"e1\",\"ts\":1700000000000,\"user\":\"u\",\"event\":\"view\","
        "\"item\":\"b\"}\n"
    "{\"id\":\"e2\",\"ts\":1700000000001,\"user\":\"u\","
        "\"event\":\"purchase\",\"item\":\"a\",\"value\":49.9}\n"
    "{\"id\":\"e3\",\"ts\":1700000000002,\"user\":\"u\","
        "\"event\":\"exposure\",\"items\":[{\"id\":\"c\",\"rank\":1}]}\n"
    "{\"id\":\"e4\",\"ts\":1700000000003,\"event\":\"view\","
        "\"item\":\"a\"}\n"
    "{\"id\":\"e5\",\"ts\":1700000000003,\"user\":\"u\",\"item\":\"a\"}\n";


static void
test_events(void **state)
{
    recs_event_weight_t  counted[] = { { "view", 1 }, { "purchase", 5 } };

    (void) state;

    recs_helper_text(&h, RECS_FORMAT_EVENTS, events);
    assert_string_equal(h.text, "u:a*2@1700000000001");
    assert_int_equal(h.report.n_duplicates, 1);
    assert_int_equal(h.report.n_repeats, 1);
    assert_int_equal(h.report.n_reason[RECS_REJECT_NOT_COUNTED], 1);
    assert_int_equal(h.report.n_reason[RECS_REJECT_NO_USER], 1);
    assert_string_equal(h.rejects, "6 event is not a valid name; ");

    h.options.events = counted;
    h.options.n_events = 2;
    recs_helper_text(&h, RECS_FORMAT_EVENTS, events);
    assert_string_equal(h.text, "u:a*6@1700000000001");

    h.options.n_events = 1;
    recs_helper_text(&h, RECS_FORMAT_SNIFF, events);
    assert_int_equal(h.report.format, RECS_FORMAT_EVENTS);
    assert_string_equal(h.text, "u:a@1700000000000");
    assert_int_equal(h.report.n_reason[RECS_REJECT_NOT_COUNTED], 2);

    counted[0].name = "exposure";
    recs_helper_text(&h, RECS_FORMAT_EVENTS, events);
    assert_int_equal(h.status, RECS_INVALID);
    counted[0].name = "view";
    counted[0].weight = 0;
    recs_helper_text(&h, RECS_FORMAT_EVENTS, events);
    assert_int_equal(h.status, RECS_INVALID);
}


static void
test_lightgcn(void **state)
{
    (void) state;

    recs_helper_text(&h, RECS_FORMAT_LIGHTGCN, "0 10 2\t 3 10\n1\n\n"
                     "10 2 \r\n2 3");
    assert_string_equal(h.text, "0:2,3,10 2:3 10:2");
    assert_int_equal(h.report.n_duplicates, 1);
    assert_int_equal(h.report.n_rows, 6);
}


static void
test_accesslog(void **state)
{
    static const char  log[] =
        "1.1.1.1 - joe [30/Jul/2000:20:45:03 +0200] \"GET /item/a%20b?x=1"
            " HTTP/1.1\" 200 5 \"-\" \"x \\x22y\\x22\"\n"
        "1.1.1.1 - joe [30/Jul/2000:20:45:03 +0200] \"POST /item/b HTTP/1.1\""
            " 200 5 \"-\" \"x\"\n"
        "1.1.1.1 - joe [30/Jul/2000:20:45:03 +0200] \"GET /item/b HTTP/1.1\""
            " 404 5 \"-\" \"x\"\n"
        "1.1.1.1 - - [30/Jul/2000:20:45:03 +0200] \"GET /item/b HTTP/1.1\""
            " 200 5 \"-\" \"x\"\n"
        "1.1.1.1 - joe [30/Jul/2000:20:45:03 +0200] \"GET /item/b/c HTTP/1.1\""
            " 200 5 \"-\" \"x\"\n"
        "1.1.1.1 - joe [30/Jul/2000:20:45:03 +0200] \"\\x16\\x03\" 200 5"
            " \"-\" \"x\"\n"
        "nonsense\n";

    (void) state;

    recs_helper_text(&h, RECS_FORMAT_ACCESSLOG, log);
    assert_int_equal(h.status, RECS_INVALID);
    assert_non_null(strstr(h.err.message, "--user-from"));

    h.options.user_from = "$remote_user";
    h.options.item_from = "/item/{}";
    recs_helper_text(&h, RECS_FORMAT_ACCESSLOG, log);
    assert_string_equal(h.text, "joe:a b@964982703000");
    assert_string_equal(h.rejects, "7 malformed row; ");
    assert_int_equal(h.report.n_reason[RECS_REJECT_HTTP_METHOD], 2);
    assert_int_equal(h.report.n_reason[RECS_REJECT_HTTP_STATUS], 1);
    assert_int_equal(h.report.n_reason[RECS_REJECT_NO_USER], 1);
    assert_int_equal(h.report.n_reason[RECS_REJECT_NO_ITEM], 1);

    h.options.log_format = "$msec|${cookie_uid}|$request_method $uri"
                           " \"$args\"";
    h.options.user_from = "cookie_uid";
    h.options.item_from = "id";
    recs_helper_text(&h, RECS_FORMAT_ACCESSLOG,
                     "964982703.123|u1|GET /p \"a=1&id=x+y%2f&id=2\"\n"
                     "964982703.123|u1|GET /p \"idx=1\"\n");
    assert_string_equal(h.text, "u1:x y/@964982703123");

    h.options.user_from = "$cookie_other";
    recs_helper_text(&h, RECS_FORMAT_ACCESSLOG, "x");
    assert_non_null(strstr(h.err.message, "no variable"));

    h.options.user_from = "$a";
    h.options.log_format = "$a$request";
    recs_helper_text(&h, RECS_FORMAT_ACCESSLOG, "x");
    assert_non_null(strstr(h.err.message, "no text between"));
}


static void
test_cleaning(void **state)
{
    (void) state;

    h.options.max_activity = 3;
    recs_helper_text(&h, RECS_FORMAT_CSV,
                     "user,item,timestamp,value\n"
                     "bot,a,1,1\nbot,a,2,1\nbot,b,3,1\nbot,b,4,1\n"
                     "u,a,1,1\nu,a,1,1\nu,a,2,2\nu,b,1,1\n");
    assert_string_equal(h.text, "u:a*3@2000,b@1000");
    assert_int_equal(h.report.n_bots, 1);
    assert_int_equal(h.report.n_bot_interactions, 4);
    assert_int_equal(h.report.n_duplicates, 1);
    assert_int_equal(h.report.n_repeats, 1);
    assert_int_equal(h.report.max_user_interactions, 4);

    /* d falls, with it u3, with it c: only then is it a fixed point. */
    h.options.max_activity = 0;
    h.options.min_user = 2;
    h.options.min_item = 2;
    recs_helper_text(&h, RECS_FORMAT_LIGHTGCN,
                     "1 10 11\n2 10 11 12\n3 12 13\n");
    assert_string_equal(h.text, "1:10,11 2:10,11");
    assert_int_equal(h.report.n_rare_users, 1);
    assert_int_equal(h.report.n_rare_items, 2);
    assert_int_equal(h.report.n_rare_interactions, 3);

    h.options.min_user = 5;
    recs_helper_text(&h, RECS_FORMAT_LIGHTGCN, "1 10 11\n");
    assert_int_equal(h.status, RECS_INVALID);
    assert_non_null(strstr(h.err.message, "no interaction is left"));
}


static void
test_attributes(void **state)
{
    const char  *items, *users;

    (void) state;

    items = recs_temp_text("items.csv",
                           "title,id,url\nOne,a,/a\n\"T, w\no\",b,\n"
                           "Only here,z,/z\n\xff,c,\n,,\nOne more,a,\n");
    users = recs_temp_text("users.jsonl",
                           "{\"id\":\"u\",\"age\":30,\"tags\":[\"x\",1],"
                           "\"vip\":true,\"none\":null,\"h\":1.5}\n"
                           "{\"id\":\"v\",\"age\":31}\n"
                           "{\"id\":\"w\",\"o\":{}}\n");
    h.options.item_files = &items;
    h.options.n_item_files = 1;
    h.options.user_files = &users;
    h.options.n_user_files = 1;

    recs_helper_text(&h, RECS_FORMAT_CSV, "user,item\nu,a\nu,b\nu,c\n");
    assert_string_equal(h.err.message, "");
    assert_string_equal(h.text, "u:a,b,c");
    assert_string_equal(h.items, "a{title=One more,url=/a} b{title=T, w\no}"
                        " z{title=Only here,url=/z}");
    assert_string_equal(h.users, "u{age=30,tags=x|1,vip=true,h=1.5}");
    assert_string_equal(h.rejects, "6 attribute is not usable text;"
                        " 7 id is not valid; 3 attribute is not usable"
                        " text; ");
    assert_int_equal(h.report.n_items, 4);
    assert_int_equal(h.report.n_items_without_users, 1);
    assert_int_equal(h.report.n_item_rows, 6);
    assert_int_equal(h.report.n_entity_rejects, 3);
    assert_int_equal(h.report.n_unmatched_users, 1);

    items = recs_temp_text("twice.csv", "id,a,a\n1,2,3\n");
    recs_helper_text(&h, RECS_FORMAT_CSV, "user,item\nu,a\n");
    assert_non_null(strstr(h.err.message, "two columns"));
}


static void
test_movielens(void **state)
{
    char  folder[512];

    (void) state;

    strcpy(folder, recs_temp_path("x"));
    *strrchr(folder, '/') = '\0';

    recs_temp_text("ratings.csv", "userId,movieId,rating,timestamp\n"
                   "1,1,4.0,964982703\n1,2,2.5,964982704\n2,1,5,964982705\n");
    recs_temp_text("movies.csv", "movieId,title,genres\n"
                   "1,Toy Story (1995),Adventure|Comedy\n"
                   "2,\"Postman, The (Postino) \",(no genres listed)\n"
                   "3,Never Seen (2001),Drama\n");
    recs_temp_text("tags.csv", "userId,movieId,tag,timestamp\n"
                   "1,1,Pixar,1\n2,1,fun,1\n3,1,pixar,1\n3,9,lost,1\n"
                   "3,1,a|b,1\n");

    h.options.min_rating = 3;
    h.options.format = RECS_FORMAT_MOVIELENS;
    recs_helper_import(&h, folder);
    assert_string_equal(h.err.message, "");
    assert_string_equal(h.text, "1:1@964982703000 2:1@964982705000");
    assert_string_equal(h.items, "1{title=Toy Story,year=1995,"
                        "genres=Adventure|Comedy,tags=pixar|a b|fun}");
    assert_int_equal(h.report.n_reason[RECS_REJECT_LOW_RATING], 1);
    assert_int_equal(h.report.n_unmatched_items, 2);

    h.options.min_rating = 0;
    h.options.unrated = 1;
    h.options.format = RECS_FORMAT_SNIFF;
    recs_helper_import(&h, folder);
    assert_int_equal(h.report.n_items, 3);
    assert_int_equal(h.report.n_items_without_users, 1);
    assert_non_null(strstr(h.items, "2{title=Postman, The (Postino)} 3{"));

    /* ml-1m's form, titles in Latin-1 */
    unlink(recs_temp_path("ratings.csv"));
    unlink(recs_temp_path("movies.csv"));
    unlink(recs_temp_path("tags.csv"));
    recs_temp_text("ratings.dat", "1::1::5::978300760\n1::2::3\n"
                   "1::2::3::4::5\n");
    recs_temp_text("movies.dat", "1::Mis\xe9rables, Les (1995)::Drama\n");
    recs_helper_import(&h, folder);
    assert_string_equal(h.text, "1:1@978300760000");
    assert_string_equal(h.items, "1{title=Mis\xc3\xa9rables, Les,year=1995,"
                        "genres=Drama}");
    assert_string_equal(h.rejects, "2 wrong number of fields;"
                        " 3 wrong number of fields; ");
    unlink(recs_temp_path("ratings.dat"));
    unlink(recs_temp_path("movies.dat"));

    h.options.format = RECS_FORMAT_MOVIELENS;
    recs_helper_import(&h, folder);
    assert_int_equal(h.status, RECS_IO);
    assert_non_null(strstr(h.err.message, "no movielens folder"));
}


static void
test_sniff(void **state)
{
    size_t  i;

    static const struct {
        const char     *text;
        recs_format_t   format;
    } cases[] = {
        { "user,item\n1,2\n", RECS_FORMAT_CSV },
        { "\xef\xbb\xbf\n\nuser,item\n1,2\n", RECS_FORMAT_CSV },
        { "\n1 2 3\n", RECS_FORMAT_LIGHTGCN },
        { "7\n1 2 3\n", RECS_FORMAT_LIGHTGCN },
        { "{\"user\":1,\"item\":2}\n", RECS_FORMAT_JSONL },
        { "{\"user\":1,\"item\":2,\"event\":\"x\"}\n", RECS_FORMAT_JSONL },
        { "{\"user\":1,\"item\":2,\"event\":\"x\",\"ts\":1}\n",
          RECS_FORMAT_EVENTS },
    };

    (void) state;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        recs_helper_text(&h, RECS_FORMAT_SNIFF, cases[i].text);
        assert_string_equal(h.err.message, "");
        assert_int_equal(h.report.format, cases[i].format);
    }

    recs_helper_text(&h, RECS_FORMAT_SNIFF, "what is this\n");
    assert_int_equal(h.status, RECS_INVALID);
    assert_non_null(strstr(h.err.message, "--format"));

    recs_helper_text(&h, RECS_FORMAT_SNIFF, "");
    assert_non_null(strstr(h.err.message, "empty"));

    recs_helper_text(&h, RECS_FORMAT_JSONL, "");
    assert_non_null(strstr(h.err.message, "the input is empty"));
}


/* Outputs: the same bytes twice, whole or not at all. */

static void
test_output(void **state)
{
    int                     files;
    FILE                   *file;
    char                    a[8192], b[8192];
    size_t                  n_a, n_b;
    const char             *input, *path;
    struct stat             st;
    recs_import_report_t    report;

    (void) state;

    input = recs_temp_text("in.csv", "user,item\nu,a\nv,b\nu,b\n");
    h.options.inputs = &input;
    h.options.n_inputs = 1;
    path = recs_temp_path("out");

    assert_int_equal(recs_import(&h.options, path, &report, &h.err), RECS_OK);
    file = fopen(path, "rb");
    n_a = fread(a, 1, sizeof(a), file);
    fclose(file);
    assert_int_equal(recs_import(&h.options, path, &report, &h.err), RECS_OK);
    file = fopen(path, "rb");
    n_b = fread(b, 1, sizeof(b), file);
    fclose(file);
    assert_int_equal(n_a, n_b);
    assert_memory_equal(a, b, n_a);

    files = recs_temp_count();

    assert_int_equal(recs_import(&h.options, "/dev/full", &report, &h.err),
                     RECS_IO);
    assert_non_null(strstr(h.err.message, "No space left"));
    assert_int_equal(stat("/dev/full", &st), 0);
    assert_true(S_ISCHR(st.st_mode));

    assert_int_equal(recs_import(&h.options, "/tmp", &report, &h.err),
                     RECS_IO);
    assert_non_null(strstr(h.err.message, "folder"));
    assert_int_equal(recs_import(&h.options, recs_temp_path("no/such"),
                                 &report, &h.err), RECS_IO);

    assert_int_equal(recs_import(&h.options, recs_temp_path("in.csv"),
                                 &report, &h.err), RECS_REFUSED);
    assert_non_null(strstr(h.err.message, "is an input"));

    input = recs_temp_text("in.csv", "user,item\n");
    assert_int_equal(recs_import(&h.options, recs_temp_path("new"), &report,
                                 &h.err), RECS_INVALID);
    assert_int_equal(recs_temp_count(), files);
}


static void
test_gowalla(void **state)
{
    char                   train[1024], valid[1024];
    const char            *inputs[2];
    recs_dataset_t        *dataset;
    recs_import_report_t   report;

    (void) state;

    if (recs_temp_data("gowalla/train.txt") == NULL) {
        print_message("no gowalla: skipped\n");
        skip();
    }

    strcpy(train, recs_temp_data("gowalla/train.txt"));
    strcpy(valid, recs_temp_data("gowalla/valid.txt"));
    inputs[0] = train;
    inputs[1] = valid;
    h.options.inputs = inputs;
    h.options.n_inputs = 2;

    assert_int_equal(recs_import_memory(&h.options, &dataset, &report,
                                        &h.err), RECS_OK);
    assert_int_equal(report.format, RECS_FORMAT_LIGHTGCN);
    assert_int_equal(report.n_users, 29858);
    assert_int_equal(report.n_items, 40981);
    assert_int_equal(report.n_interactions, 810128);
    recs_dataset_close(dataset);
}


static void
test_ml_latest_small(void **state)
{
    const char            *path;
    recs_dataset_t        *dataset;
    recs_import_report_t   report;

    (void) state;

    path = recs_temp_data("ml-latest-small");
    if (path == NULL) {
        print_message("no ml-latest-small: skipped\n");
        skip();
    }

    assert_int_equal(recs_import_test(path, &dataset, &report, &h.err),
                     RECS_OK);
    assert_int_equal(report.n_rows, 100836);
    assert_int_equal(report.n_interactions, 100836);
    assert_int_equal(report.n_users, 610);
    assert_int_equal(report.n_items, 9724);
    assert_int_equal(report.n_item_rows, 9742);
    assert_int_equal(report.n_unmatched_items, 18);
    recs_dataset_close(dataset);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test_setup(test_csv, reset),
        cmocka_unit_test_setup(test_csv_columns, reset),
        cmocka_unit_test_setup(test_csv_rejects, reset),
        cmocka_unit_test_setup(test_jsonl, reset),
        cmocka_unit_test_setup(test_events, reset),
        cmocka_unit_test_setup(test_lightgcn, reset),
        cmocka_unit_test_setup(test_accesslog, reset),
        cmocka_unit_test_setup(test_cleaning, reset),
        cmocka_unit_test_setup(test_attributes, reset),
        cmocka_unit_test_setup(test_movielens, reset),
        cmocka_unit_test_setup(test_sniff, reset),
        cmocka_unit_test_setup(test_output, reset),
        cmocka_unit_test_setup(test_gowalla, reset),
        cmocka_unit_test_setup(test_ml_latest_small, reset),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
