#include "recs_arms.h"

#include <math.h>
#include <stdint.h>
#include <string.h>


#define RECS_ARMS_WORDS     3           /* of a line, at most */
#define RECS_ARMS_PLACES    18          /* 10^18 is exact in a double */
#define RECS_ARMS_ROUNDING  1e-9


typedef struct {
    recs_str_t  text;
    size_t      pos;
    unsigned    number;                 /* of the line, from 1 */
    unsigned    n;                      /* of its words; one more than there
                                           may be: too many */
    recs_str_t  words[RECS_ARMS_WORDS + 1];
} recs_arms_reader_t;


static int
recs_arms_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}


/* The next word of the line; len 0: there is none. */
static recs_str_t
recs_arms_word(const char **pos, const char *end)
{
    recs_str_t   word;
    const char  *p;

    p = *pos;

    while (p < end && recs_arms_blank(*p)) {
        p++;
    }

    word.data = p;

    if (p < end && *p == '#') {
        end = p;
    }

    while (p < end && !recs_arms_blank(*p)) {
        p++;
    }

    word.len = (size_t) (p - word.data);
    *pos = p;

    return word;
}


/* Cuts the next line into words; 0 at the end of the text. */
static int
recs_arms_line(recs_arms_reader_t *r)
{
    const char  *p, *end, *last;

    if (r->pos == r->text.len) {
        return 0;
    }

    p = r->text.data + r->pos;
    last = r->text.data + r->text.len;
    end = memchr(p, '\n', (size_t) (last - p));

    if (end == NULL) {
        end = last;
        r->pos = r->text.len;

    } else {
        r->pos = (size_t) (end + 1 - r->text.data);
    }

    r->number++;

    for (r->n = 0; r->n <= RECS_ARMS_WORDS; r->n++) {
        r->words[r->n] = recs_arms_word(&p, end);

        if (r->words[r->n].len == 0) {
            break;
        }
    }

    return 1;
}


static int
recs_arms_is(recs_str_t word, const char *text)
{
    return word.len == strlen(text) && memcmp(word.data, text, word.len) == 0;
}


static int
recs_arms_same(recs_str_t a, recs_str_t b)
{
    return a.len == b.len && memcmp(a.data, b.data, a.len) == 0;
}


/* Letters, digits, and the others; 1 to max of them. */
static int
recs_arms_token(recs_str_t word, size_t max, const char *others)
{
    char    c;
    size_t  i;

    if (word.len == 0 || word.len > max) {
        return 0;
    }

    for (i = 0; i < word.len; i++) {
        c = word.data[i];

        if ((c < '0' || c > '9') && (c < 'A' || c > 'Z')
            && (c < 'a' || c > 'z') && (c == '\0' || !strchr(others, c)))
        {
            return 0;
        }
    }

    return 1;
}


/* 0 or 1 and at most 18 places, whatever the locale; -1: is none. */
static double
recs_arms_probability(recs_str_t word)
{
    double    scale;
    size_t    i;
    uint64_t  digits;

    if (word.len == 0 || word.len > 2 + RECS_ARMS_PLACES || word.len == 2
        || (word.data[0] != '0' && word.data[0] != '1')
        || (word.len > 1 && word.data[1] != '.'))
    {
        return -1;
    }

    digits = (uint64_t) (word.data[0] - '0');
    scale = 1;

    for (i = 2; i < word.len; i++) {

        if (word.data[i] < '0' || word.data[i] > '9') {
            return -1;
        }

        digits = digits * 10 + (uint64_t) (word.data[i] - '0');
        scale *= 10;
    }

    return (double) digits / scale;
}


static recs_status_t
recs_arms_arm(recs_arms_t *arms, recs_arms_reader_t *r, recs_error_t *err)
{
    double    probability;
    unsigned  i;

    if (arms->n == RECS_ARMS_MAX) {
        return recs_error(err, RECS_INVALID, "line %u: more than %d arms",
                          r->number, RECS_ARMS_MAX);
    }

    if (!recs_arms_token(r->words[1], RECS_ARM_NAME_MAX, "._-")) {
        return recs_error(err, RECS_INVALID, "line %u: not a variant's name",
                          r->number);
    }

    for (i = 0; i < arms->n; i++) {
        if (recs_arms_same(arms->names[i], r->words[1])) {
            return recs_error(err, RECS_INVALID,
                              "line %u: a second arm \"%.*s\"", r->number,
                              (int) r->words[1].len, r->words[1].data);
        }
    }

    probability = recs_arms_probability(r->words[2]);

    if (!(probability >= RECS_ARM_FLOOR && probability <= 1)) {
        return recs_error(err, RECS_INVALID, "line %u: a probability is a "
                          "decimal from %g to 1, of at most %d places",
                          r->number, RECS_ARM_FLOOR, RECS_ARMS_PLACES);
    }

    arms->names[arms->n] = r->words[1];
    arms->probabilities[arms->n++] = probability;

    return RECS_OK;
}


static recs_status_t
recs_arms_entry(recs_arms_t *arms, recs_arms_reader_t *r, recs_error_t *err)
{
    if (r->n == 3 && recs_arms_is(r->words[0], "arm")) {
        return recs_arms_arm(arms, r, err);
    }

    if (r->n == 2 && recs_arms_is(r->words[0], "experiment")
        && arms->experiment.len == 0)
    {
        if (!recs_name_valid(r->words[1].data, r->words[1].len)) {
            return recs_error(err, RECS_INVALID,
                              "line %u: not an experiment's name", r->number);
        }

        arms->experiment = r->words[1];
        return RECS_OK;
    }

    if (r->n == 2 && recs_arms_is(r->words[0], "epoch")
        && arms->epoch.len == 0)
    {
        if (!recs_arms_token(r->words[1], RECS_EPOCH_MAX, "._:+-")) {
            return recs_error(err, RECS_INVALID, "line %u: an epoch is 1 to "
                              "%d letters, digits and \"._:+-\"", r->number,
                              RECS_EPOCH_MAX);
        }

        arms->epoch = r->words[1];
        return RECS_OK;
    }

    return recs_error(err, RECS_INVALID, "line %u: expected \"experiment "
                      "NAME\" and \"epoch TEXT\", each once, or \"arm VARIANT "
                      "PROBABILITY\"", r->number);
}


static recs_status_t
recs_arms_whole(const recs_arms_t *arms, recs_error_t *err)
{
    double    sum;
    unsigned  i;

    if (arms->experiment.len == 0) {
        return recs_error(err, RECS_INVALID, "no line \"experiment NAME\"");
    }

    if (arms->epoch.len == 0) {
        return recs_error(err, RECS_INVALID, "no line \"epoch TEXT\"");
    }

    if (arms->n < 2) {
        return recs_error(err, RECS_INVALID, "fewer than 2 arms");
    }

    for (sum = 0, i = 0; i < arms->n; i++) {
        sum += arms->probabilities[i];
    }

    if (fabs(sum - 1) > RECS_ARMS_ROUNDING) {
        return recs_error(err, RECS_INVALID,
                          "the probabilities sum to %.12g, not 1", sum);
    }

    return RECS_OK;
}


recs_status_t
recs_arms_read(recs_arms_t *arms, recs_str_t text, recs_error_t *err)
{
    recs_arms_t         read;
    recs_status_t       rc;
    recs_arms_reader_t  r;

    if (text.len > RECS_ARMS_TEXT_MAX) {
        return recs_error(err, RECS_INVALID, "more than %d bytes",
                          RECS_ARMS_TEXT_MAX);
    }

    memset(&read, 0, sizeof(read));

    r.text = text;
    r.pos = 0;
    r.number = 0;

    while (recs_arms_line(&r)) {

        if (r.n == 0) {
            continue;
        }

        rc = recs_arms_entry(&read, &r, err);
        if (rc != RECS_OK) {
            return rc;
        }
    }

    rc = recs_arms_whole(&read, err);

    if (rc == RECS_OK) {
        *arms = read;
    }

    return rc;
}


recs_status_t
recs_arms_match(const recs_arms_t *arms, recs_str_t experiment,
    const recs_str_t *names, unsigned n, double *probabilities,
    recs_error_t *err)
{
    double    found[RECS_ARMS_MAX];
    unsigned  i, arm;

    if (!recs_arms_same(arms->experiment, experiment)) {
        return recs_error(err, RECS_INVALID,
                          "it is experiment \"%.*s\"'s, not \"%.*s\"'s",
                          (int) arms->experiment.len, arms->experiment.data,
                          (int) experiment.len, experiment.data);
    }

    if (arms->n != n) {
        return recs_error(err, RECS_INVALID, "it has %u arms, the experiment "
                          "has %u variants", arms->n, n);
    }

    for (i = 0; i < n; i++) {

        for (arm = 0; arm < n; arm++) {
            if (recs_arms_same(arms->names[arm], names[i])) {
                break;
            }
        }

        if (arm == n) {
            return recs_error(err, RECS_INVALID,
                              "it has no arm for variant \"%.*s\"",
                              (int) names[i].len, names[i].data);
        }

        found[i] = arms->probabilities[arm];
    }

    memcpy(probabilities, found, n * sizeof(double));

    return RECS_OK;
}
