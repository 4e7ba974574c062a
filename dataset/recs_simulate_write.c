#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "recs_simulate_shop.h"


typedef struct {
    FILE  *f;
    char   path[4096];
} recs_shop_file_t;


static recs_status_t
recs_shop_open(recs_shop_t *shop, recs_shop_file_t *file, const char *name,
    recs_error_t *err)
{
    snprintf(file->path, sizeof(file->path), "%s/%s", shop->folder.temporary,
             name);

    file->f = fopen(file->path, "we");

    if (file->f == NULL) {
        return recs_error(err, RECS_IO, "cannot write %s: %s", file->path,
                          strerror(errno));
    }

    return RECS_OK;
}


static recs_status_t
recs_shop_close(recs_shop_file_t *file, recs_error_t *err)
{
    int  failed;

    failed = ferror(file->f);
    failed |= fclose(file->f);

    if (failed) {
        return recs_error(err, RECS_IO, "cannot write %s: %s", file->path,
                          strerror(errno));
    }

    return RECS_OK;
}


static recs_status_t
recs_shop_write_images(recs_shop_t *shop, recs_error_t *err)
{
    char               name[64];
    uint32_t           i, category, colour;
    recs_status_t      status;
    recs_shop_file_t   file;

    snprintf(file.path, sizeof(file.path), "%s/images",
             shop->folder.temporary);

    if (mkdir(file.path, 0777) == -1) {
        return recs_error(err, RECS_IO, "cannot make folder %s: %s",
                          file.path, strerror(errno));
    }

    for (i = 0; i < RECS_SIMULATE_CATEGORIES * RECS_SIMULATE_COLOURS; i++) {
        category = i / RECS_SIMULATE_COLOURS;
        colour = i % RECS_SIMULATE_COLOURS;

        snprintf(name, sizeof(name), "images/%s-%s.svg",
                 recs_simulate_categories[category].key,
                 recs_simulate_colours[colour].name);

        status = recs_shop_open(shop, &file, name, err);
        if (status != RECS_OK) {
            return status;
        }

        recs_simulate_image(file.f, &recs_simulate_categories[category],
                            &recs_simulate_colours[colour]);

        status = recs_shop_close(&file, err);
        if (status != RECS_OK) {
            return status;
        }
    }

    return RECS_OK;
}


/*
 * The k-th item of a category: k's digits in mixed radix choose noun, brand,
 * style and colour, each shifted by those before it, so that titles differ
 * and neighbours do not look alike.
 */
static void
recs_shop_write_item(recs_shop_t *shop, FILE *f, uint32_t item)
{
    uint32_t                         k, noun, brand, style, colour, level,
                                     cents, category;
    const char                      *colour_name;
    const recs_simulate_category_t  *c;

    static const uint32_t  percent[RECS_SHOP_LEVELS] = { 50, 100, 190 };

    category = recs_shop_category(item);
    c = &recs_simulate_categories[category];
    level = recs_shop_level(item);

    k = item / RECS_SIMULATE_CATEGORIES;
    noun = k % RECS_SIMULATE_NOUNS;
    k /= RECS_SIMULATE_NOUNS;
    brand = (k + noun * 5 + category * 3) % RECS_SIMULATE_BRANDS;
    k /= RECS_SIMULATE_BRANDS;
    style = (k + brand * 7 + noun) % RECS_SIMULATE_STYLES;
    k /= RECS_SIMULATE_STYLES;
    colour = (k + noun * 3 + brand) % RECS_SIMULATE_COLOURS;

    colour_name = recs_simulate_colours[colour].name;

    cents = c->cents * percent[level] / 100;
    cents = cents * (80 + recs_shop_below(shop, 41)) / 100;
    cents = cents / 100 * 100 + 90;

    fprintf(f, "p%04u,\"%s %s %s, %s\",%s,%s,%s,%u.%02u,%u,"
               "/images/%s-%s.svg,/item/p%04u\n",
            item + 1, recs_simulate_brands[brand],
            recs_simulate_styles[style], c->nouns[noun], colour_name, c->name,
            recs_simulate_brands[brand], colour_name, cents / 100,
            cents % 100, level + 1, c->key, colour_name, item + 1);
}


static recs_status_t
recs_shop_write_items(recs_shop_t *shop, recs_error_t *err)
{
    uint32_t          item;
    recs_status_t     status;
    recs_shop_file_t  file;

    status = recs_shop_open(shop, &file, "items.csv", err);
    if (status != RECS_OK) {
        return status;
    }

    fprintf(file.f,
            "item,title,category,brand,colour,price,price_level,image,url\n");

    for (item = 0; item < shop->params->n_items; item++) {
        recs_shop_write_item(shop, file.f, item);
    }

    return recs_shop_close(&file, err);
}


static recs_status_t
recs_shop_write_users(recs_shop_t *shop, recs_error_t *err)
{
    uint32_t               u;
    recs_status_t          status;
    recs_shop_file_t       file;
    const recs_visitor_t  *v;

    status = recs_shop_open(shop, &file, "users.csv", err);
    if (status != RECS_OK) {
        return status;
    }

    fprintf(file.f, "user,name,favourite,second,price_level\n");

    for (u = 0; u < shop->params->n_users; u++) {
        v = &shop->visitors[u];

        fprintf(file.f, "v%04u,%s %c.,%s,%s,%u\n", u + 1,
                recs_simulate_names[u % RECS_SIMULATE_NAMES],
                (char) ('A' + u / RECS_SIMULATE_NAMES % 26),
                recs_simulate_categories[v->favourite].name,
                recs_simulate_categories[v->second].name, v->level + 1);
    }

    return recs_shop_close(&file, err);
}


static int
recs_shop_event_cmp(const void *one, const void *two)
{
    const recs_shop_event_t  *a, *b;

    a = one;
    b = two;

    if (a->ms != b->ms) {
        return a->ms < b->ms ? -1 : 1;
    }

    if (a->user != b->user) {
        return a->user < b->user ? -1 : 1;
    }

    if (a->item != b->item) {
        return a->item < b->item ? -1 : 1;
    }

    return (int) a->purchase - (int) b->purchase;
}


static recs_status_t
recs_shop_write_events(recs_shop_t *shop, recs_error_t *err)
{
    uint64_t                  i;
    recs_status_t             status;
    recs_shop_file_t          file;
    const recs_shop_event_t  *e;

    qsort(shop->events, shop->n_events, sizeof(recs_shop_event_t),
          recs_shop_event_cmp);

    status = recs_shop_open(shop, &file, "events.csv", err);
    if (status != RECS_OK) {
        return status;
    }

    fprintf(file.f, "user,item,timestamp,event\n");

    for (i = 0; i < shop->n_events; i++) {
        e = &shop->events[i];

        fprintf(file.f, "v%04u,p%04u,%lld,%s\n", e->user + 1, e->item + 1,
                (long long) e->ms, e->purchase ? "purchase" : "view");
    }

    return recs_shop_close(&file, err);
}


static recs_status_t
recs_shop_write_files(recs_shop_t *shop, recs_error_t *err)
{
    recs_status_t  status;

    status = recs_shop_write_images(shop, err);

    if (status == RECS_OK) {
        status = recs_shop_write_items(shop, err);
    }

    if (status == RECS_OK) {
        status = recs_shop_write_users(shop, err);
    }

    if (status == RECS_OK) {
        status = recs_shop_write_events(shop, err);
    }

    return status;
}


recs_status_t
recs_shop_write(recs_shop_t *shop, const char *dir, recs_error_t *err)
{
    recs_status_t  status;

    status = recs_folder_create(&shop->folder, dir, err);
    if (status != RECS_OK) {
        return status;
    }

    status = recs_shop_write_files(shop, err);
    if (status != RECS_OK) {
        recs_folder_abort(&shop->folder);
        return status;
    }

    return recs_folder_commit(&shop->folder, dir, err);
}
