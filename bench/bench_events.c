/*
 * Event logs as two workers of nginx write them: a shop's, over two weeks.
 *
 *     bench_events FOLDER LINES
 *
 * writes FOLDER/events.0 and .1.  Of 20 things that a visitor does, most are
 * done in one visit, and a third on any later day: exposures of an experiment
 * with six items, views, clicks, purchases.
 */

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "recs_rng.h"


#define START_MS     1790000000000
#define SPAN_MS      1209600000
#define PER_VISITOR  20


typedef struct {
    FILE      *file;
    unsigned   worker;
    unsigned   seq;
} log_t;


static const char *const  countries[] = { "de", "us", "fr", "jp", "br" };


static unsigned
below(recs_rng_t *rng, unsigned n)
{
    return (unsigned) (recs_rng_next(rng) % n);
}


/* What all lines begin with. */

static void
head(log_t *out, unsigned long long now, unsigned user)
{
    out->seq++;
    fprintf(out->file, "{\"id\":\"1790000000000-417-%u-%u\",\"ts\":%llu,"
            "\"boot\":\"1790000000000-417\",\"worker\":%u,\"seq\":%u,"
            "\"user\":\"visitor-%08x\"", out->worker, out->seq, now,
            out->worker, out->seq, user * 2654435761u);
}


static void
exposure(log_t *out, recs_rng_t *rng, unsigned user)
{
    int  i;

    fprintf(out->file, ",\"event\":\"exposure\",\"context\":{\"country\":"
            "\"%s\",\"device\":\"phone\"},\"slot\":\"for_you\",\"experiment\":"
            "\"ranking\",\"variant\":\"%s\",\"generation\":"
            "\"000002-9f3c21aa\",\"propensity\":0.5,\"bucket_version\":1,"
            "\"items\":[", countries[user % 5],
            user * 2654435761u >> 31 ? "deep" : "control");

    for (i = 1; i <= 6; i++) {
        fprintf(out->file, "%s{\"id\":\"%u\",\"rank\":%d,\"propensity\":1}",
                i > 1 ? "," : "", below(rng, 40000), i);
    }

    fputs("]}\n", out->file);
}


static void
event(log_t *out, recs_rng_t *rng, unsigned long long now, unsigned user)
{
    double  kind;

    head(out, now, user);
    kind = recs_rng_uniform(rng);

    if (kind < .45) {
        exposure(out, rng, user);

    } else if (kind < .75) {
        fprintf(out->file, ",\"event\":\"view\",\"item\":\"%u\",\"context\":"
                "{\"country\":\"%s\",\"device\":\"phone\"}}\n",
                below(rng, 40000), countries[user % 5]);

    } else if (kind < .95) {
        fprintf(out->file, ",\"event\":\"click\",\"item\":\"%u\",\"context\":"
                "{\"country\":\"%s\",\"device\":\"phone\"},\"slot\":"
                "\"for_you\",\"rank\":%u,\"experiment\":\"ranking\","
                "\"variant\":\"deep\",\"generation\":\"000002-9f3c21aa\","
                "\"propensity\":1,\"verified\":true}\n", below(rng, 40000),
                countries[user % 5], 1 + below(rng, 6));

    } else {
        fprintf(out->file, ",\"event\":\"purchase\",\"item\":\"%u\","
                "\"value\":%.2f}\n", below(rng, 40000),
                -30 * log(recs_rng_uniform(rng)));
    }
}


/* Visitors are numbered as they come; n of them have come. */

static unsigned
visitor(recs_rng_t *rng, unsigned n)
{
    double  ago;

    if (recs_rng_uniform(rng) < .33) {
        return below(rng, n);
    }

    ago = -1000 * log(recs_rng_uniform(rng));

    return ago < n ? n - 1 - (unsigned) ago : 0;
}


int
main(int argc, char **argv)
{
    char         path[4096];
    log_t        logs[2];
    unsigned     i, lines;
    recs_rng_t   rng;

    if (argc != 3) {
        fputs("usage: bench_events FOLDER LINES\n", stderr);
        return 2;
    }

    for (i = 0; i < 2; i++) {
        snprintf(path, sizeof(path), "%s/events.%u", argv[1], i);

        logs[i].file = fopen(path, "w");
        logs[i].worker = i;
        logs[i].seq = 0;

        if (logs[i].file == NULL) {
            perror(path);
            return 1;
        }
    }

    recs_rng_seed(&rng, 1);
    lines = (unsigned) strtoul(argv[2], NULL, 10);

    for (i = 0; i < lines; i++) {
        event(&logs[below(&rng, 2)], &rng,
              START_MS + (unsigned long long) SPAN_MS * i / lines,
              visitor(&rng, i / PER_VISITOR + 1));
    }

    for (i = 0; i < 2; i++) {
        if (fclose(logs[i].file) != 0) {
            perror(argv[1]);
            return 1;
        }
    }

    return 0;
}
