#include "recs_temp.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>


#define RECS_TEMP_PATHS  8


static char  recs_temp_folder[256];


const char *
recs_temp_path(const char *name)
{
    static int   next;
    static char  paths[RECS_TEMP_PATHS][512];

    if (recs_temp_folder[0] == '\0') {
        strcpy(recs_temp_folder, "/tmp/recs_test_XXXXXX");

        if (mkdtemp(recs_temp_folder) == NULL) {
            perror("mkdtemp");
            exit(1);
        }

        atexit(recs_temp_remove);
    }

    next = (next + 1) % RECS_TEMP_PATHS;
    snprintf(paths[next], sizeof(paths[next]), "%s/%s", recs_temp_folder,
             name);

    return paths[next];
}


const char *
recs_temp_write(const char *name, const void *data, size_t len)
{
    FILE        *file;
    const char  *path;

    path = recs_temp_path(name);
    file = fopen(path, "wb");

    if (file == NULL || fwrite(data, 1, len, file) != len
        || fclose(file) != 0)
    {
        perror(path);
        exit(1);
    }

    return path;
}


const char *
recs_temp_text(const char *name, const char *text)
{
    return recs_temp_write(name, text, strlen(text));
}


int
recs_temp_count(void)
{
    int             n;
    DIR            *dir;
    struct dirent  *entry;

    n = 0;
    dir = opendir(recs_temp_folder);

    while (dir != NULL && (entry = readdir(dir)) != NULL) {
        n += entry->d_name[0] != '.';
    }

    if (dir != NULL) {
        closedir(dir);
    }

    return n;
}


void
recs_temp_remove(void)
{
    DIR            *dir;
    struct dirent  *entry;

    dir = opendir(recs_temp_folder);

    while (dir != NULL && (entry = readdir(dir)) != NULL) {
        if (strcmp(entry->d_name, ".") && strcmp(entry->d_name, "..")) {
            unlinkat(dirfd(dir), entry->d_name, 0);
        }
    }

    if (dir != NULL) {
        closedir(dir);
        rmdir(recs_temp_folder);
    }

    recs_temp_folder[0] = '\0';
}


const char *
recs_temp_data(const char *name)
{
    const char   *root;

    static char  path[1024];

    root = getenv("RECS_TEST_DATA");
    snprintf(path, sizeof(path), "%s/%s", root ? root : "../shared/data",
             name);

    return access(path, R_OK) == 0 ? path : NULL;
}
