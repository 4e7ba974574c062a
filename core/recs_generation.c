/*
 * Generations: their names, and what a model directory holds.
 */

#include "recs_generation.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "recs_seal.h"


int
recs_generation_parse(const char *file_name, recs_generation_t *gen)
{
    int         i;
    const char  *p;

    if (strncmp(file_name, "gen-", 4) != 0
        || strlen(file_name) != 4 + RECS_GENERATION_LEN + 4
        || strcmp(file_name + 4 + RECS_GENERATION_LEN, ".mdb") != 0)
    {
        return 0;
    }

    p = file_name + 4;

    for (i = 0; i < RECS_GENERATION_LEN; i++) {
        if (i == 6 ? p[i] != '-'
                   : !strchr(i < 6 ? "0123456789" : "0123456789abcdef", p[i]))
        {
            return 0;
        }
    }

    memcpy(gen->name, p, RECS_GENERATION_LEN);
    gen->name[RECS_GENERATION_LEN] = '\0';
    gen->number = (uint32_t) strtoul(gen->name, NULL, 10);

    return gen->number > 0;
}


recs_status_t
recs_publish_error(const char *what, const char *path, recs_error_t *err)
{
    return recs_error(err, errno == ENOENT ? RECS_NOT_FOUND : RECS_IO,
                      "cannot %s \"%s\": %s", what, path, strerror(errno));
}


/* The generation's name of a bundle that stands by itself. */
static recs_status_t
recs_generation_of_file(int fd, const char *path, recs_generation_t *gen,
    recs_error_t *err)
{
    char           hash8[9];
    recs_seal_t    seal;
    recs_status_t  rc;

    rc = recs_seal_read(fd, path, &seal, err);
    if (rc != RECS_OK) {
        return rc;
    }

    recs_seal_hash8(&seal, hash8);

    gen->number = 0;
    snprintf(gen->name, sizeof(gen->name), "000000-%s", hash8);

    return RECS_OK;
}


recs_status_t
recs_generation_current(int dir_fd, const char *dir, recs_generation_t *gen,
    recs_error_t *err)
{
    char     name[256];
    ssize_t  n;

    n = readlinkat(dir_fd, RECS_CURRENT, name, sizeof(name) - 1);

    if (n == -1) {
        return recs_error(err, errno == ENOENT ? RECS_NOT_FOUND : RECS_IO,
                          "\"%s\" has no published model: cannot read its "
                          "link \"current\": %s", dir, strerror(errno));
    }

    name[n] = '\0';

    if (!recs_generation_parse(name, gen)) {
        return recs_error(err, RECS_INVALID, "\"%s/current\" points to "
                          "\"%s\", which is not a generation", dir, name);
    }

    return RECS_OK;
}


recs_status_t
recs_generation_open_named(const char *dir, int dir_fd,
    const recs_generation_t *gen, int *fd, recs_error_t *err)
{
    int                opened;
    char               name[RECS_GENERATION_FILE], *path;
    recs_status_t      rc;
    recs_generation_t  content;

    snprintf(name, sizeof(name), "gen-%s.mdb", gen->name);

    if (asprintf(&path, "%s/%s", dir, name) == -1) {
        return recs_error(err, RECS_NOMEM, "no memory to open \"%s\"", dir);
    }

    opened = openat(dir_fd, name, O_RDONLY|O_CLOEXEC|O_NOFOLLOW|O_NONBLOCK);
    if (opened == -1) {
        rc = recs_publish_error("open", path, err);
        goto done;
    }

    rc = recs_generation_of_file(opened, path, &content, err);

    if (rc == RECS_OK && strcmp(content.name + 7, gen->name + 7) != 0) {
        rc = recs_error(err, RECS_CORRUPT, "\"%s\" holds another bundle "
                        "(%s) than its name says", path, content.name + 7);
    }

    if (rc != RECS_OK) {
        close(opened);
        goto done;
    }

    *fd = opened;

done:

    free(path);

    return rc;
}


static recs_status_t
recs_generation_open_in(const char *dir, int dir_fd, int *fd,
    recs_generation_t *gen, recs_error_t *err)
{
    int                opened;
    recs_status_t      rc;
    recs_generation_t  current;

    rc = recs_generation_current(dir_fd, dir, &current, err);
    if (rc != RECS_OK) {
        return rc;
    }

    rc = recs_generation_open_named(dir, dir_fd, &current, &opened, err);
    if (rc != RECS_OK) {
        return rc;
    }

    *fd = opened;
    *gen = current;

    return RECS_OK;
}


recs_status_t
recs_generation_open(const char *path, int *fd, recs_generation_t *gen,
    recs_error_t *err)
{
    int            opened;
    struct stat    st;
    recs_status_t  rc;

    opened = open(path, O_RDONLY|O_CLOEXEC|O_NONBLOCK);
    if (opened == -1) {
        return recs_publish_error("open", path, err);
    }

    if (fstat(opened, &st) == -1) {
        rc = recs_publish_error("stat", path, err);
        close(opened);
        return rc;
    }

    if (S_ISDIR(st.st_mode)) {
        rc = recs_generation_open_in(path, opened, fd, gen, err);
        close(opened);
        return rc;
    }

    rc = recs_generation_of_file(opened, path, gen, err);
    if (rc != RECS_OK) {
        close(opened);
        return rc;
    }

    *fd = opened;

    return RECS_OK;
}


static int
recs_publish_compare(const void *one, const void *two)
{
    const recs_generation_t  *a, *b;

    a = one;
    b = two;

    return (a->number > b->number) - (a->number < b->number);
}


recs_status_t
recs_publish_list(int dir_fd, const char *dir, recs_generation_t **list,
    uint32_t *n, recs_error_t *err)
{
    int                 fd;
    DIR                *d;
    uint32_t            count, size;
    struct dirent      *entry;
    recs_generation_t  *gens, *grown, gen;

    fd = openat(dir_fd, ".", O_RDONLY|O_DIRECTORY|O_CLOEXEC);
    if (fd == -1) {
        return recs_publish_error("read", dir, err);
    }

    d = fdopendir(fd);
    if (d == NULL) {
        close(fd);
        return recs_publish_error("read", dir, err);
    }

    gens = NULL;
    count = size = 0;

    while ((entry = readdir(d)) != NULL) {
        if (!recs_generation_parse(entry->d_name, &gen)) {
            continue;
        }

        if (count == size) {
            size = size * 2 + 16;

            grown = realloc(gens, size * sizeof(recs_generation_t));
            if (grown == NULL) {
                closedir(d);
                free(gens);
                return recs_error(err, RECS_NOMEM, "no memory to list \"%s\"",
                                  dir);
            }

            gens = grown;
        }

        gens[count++] = gen;
    }

    closedir(d);

    if (count > 0) {
        qsort(gens, count, sizeof(recs_generation_t), recs_publish_compare);
    }

    *list = gens;
    *n = count;

    return RECS_OK;
}
