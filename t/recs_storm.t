# Reloads under load: two bundles are published in turn, HUP each time, while
# clients open new connections.  No request may fail, and every answer is the
# offline answer of the generation that it names.
#
# RECS_STORM_RELOADS=200 is the long run.  Connections are new ones, on
# purpose: a worker that shuts down closes idle ones that are kept alive,
# which a client has to expect of any server.
#
# Runs alone: it is a load.

use strict;
use warnings;

use FindBin;
use JSON::PP ();
use POSIX ();
use Test::More;
use Time::HiRes qw(sleep time);

use lib "$FindBin::Bin/lib";
use RecsNginx;

my $RELOADS = $ENV{RECS_STORM_RELOADS} // 15;
my $EVERY = 0.25;                           # seconds between two reloads
my $CLIENTS = 4;
my $LONGEST = 60 + 4 * $EVERY * $RELOADS;   # seconds that a client lives
my $MOST = 1_000_000;                       # requests of a client
my $SHOWN = 5;                              # faults that a client describes

my ($N_ITEMS, $N_USERS, $N_FACTORS) = (500, 60, 16);

my $t = RecsNginx->new;


# Random vectors in the file NAME.npy, ids i1 .. or u1 .. in NAME.txt.
sub vectors {
    my ($name, $n, $letter) = @_;

    my $header = "{'descr': '<f4', 'fortran_order': False, "
                 . "'shape': ($n, $N_FACTORS), }";
    $header .= ' ' x (117 - length $header) . "\n";

    $t->write("$name.npy", "\x93NUMPY\1\0" . pack('v', length $header)
              . $header
              . pack 'f<*', map { rand(2) - 1 } 1 .. $n * $N_FACTORS);
    $t->write("$name.txt", join '', map { "$letter$_\n" } 1 .. $n);

    return ($t->path("$name.npy"), $t->path("$name.txt"));
}


sub random_bundle {
    my ($name, $seed) = @_;

    srand $seed;

    my ($items, $item_ids) = vectors("$name.items", $N_ITEMS, 'i');
    my ($users, $user_ids) = vectors("$name.users", $N_USERS, 'u');

    $t->recs('pack', '--items', $items, '--item-ids', $item_ids, '--users',
             $users, '--user-ids', $user_ids, '-o', $t->path("$name.mdb"));

    return $t->path("$name.mdb");
}


# What every user gets of a bundle: { u1 => 'i7,i3,...' }
sub offline {
    my ($bundle) = @_;

    my %answers;
    my @lines = split /\n/, $t->recs('recommend', $bundle, '--users',
                                     $t->path('a.users.txt'), '-k', 10,
                                     '--json');

    for (map { JSON::PP::decode_json($_) } @lines) {
        $answers{$_->{user}} = join ',', map { $_->{id} } @{ $_->{items} };
    }

    return \%answers;
}


my @bundles = map { random_bundle(@$_) } ['a', 1], ['b', 2];
my @answers = map { offline($_) } @bundles;

is(scalar keys %$_, $N_USERS, 'every user has an answer') for @answers;
is(scalar(grep { $answers[0]{$_} eq $answers[1]{$_} } keys %{ $answers[0] }),
   0, 'and another one of the other bundle');

# A bundle is published again and again: its hash stays, its number grows.
my (%expected, %published);


sub publish {
    my ($n) = @_;

    my $generation = $t->publish($bundles[$n], 'shop');
    my ($hash) = $generation =~ /-(\w+)$/;

    $published{$generation} = 1;
    $expected{$hash} = $answers[$n];
}


publish(1);
publish(0);
is(scalar keys %expected, 2, 'two bundles of different hashes');

$t->conf(<<'END', workers => 2);
http {
    %%HTTP%%

    recs_model shop %%DIR%%/shop;
    recs_slot for_you { model shop; count 10; }
    recs_user $arg_u;

    server {
        listen 127.0.0.1:%%PORT%%;

        location /recs/ { recs_api; }
    }
}
END

$t->start;


# What is wrong with an answer, if anything; and the generation it names.
sub judge {
    my ($user, $got) = @_;

    my $json = $got->{json} // {};
    my $generation = $json->{generation} // '';
    my ($hash) = $generation =~ /-(\w+)$/;
    my $ids = join ',', map { $_->{id} } @{ $json->{items} // [] };

    return ("not a 200: " . ($got->{raw} // '') =~ s/\s+/ /gr, $generation)
        if ($got->{status} // 0) != 200 || $got->{truncated};
    return ("no known generation: $generation", $generation)
        unless defined $hash && $expected{$hash};
    return ("$user of $generation: $ids", $generation)
        if $ids ne $expected{$hash}{$user};

    return (undef, $generation);
}


# Asks for random users until it is told to stop, then says what it saw.
sub client {
    my ($number, $out) = @_;

    my $end = time + $LONGEST;
    my ($n, $failed, %seen) = (0, 0);

    srand $number;

    until (-e $t->path('stop') || time > $end || $n >= $MOST) {
        my $user = 'u' . (1 + int rand $N_USERS);
        my $got = eval { $t->json("/recs/for_you?u=$user") };
        my ($fault, $generation) = $got ? judge($user, $got) : ($@, '');

        $n++;
        $seen{$generation}++;

        next unless defined $fault;
        print {$out} "fault $fault\n" if $failed++ < $SHOWN;
    }

    print {$out} "seen $_\n" for grep { length } keys %seen;
    print {$out} "asked $n $failed\n";
}


my @clients;

for my $number (1 .. $CLIENTS) {
    pipe my $in, my $out or die "pipe: $!";
    my $pid = fork // die "fork: $!";

    if ($pid == 0) {
        close $in;
        client($number, $out);
        close $out;
        POSIX::_exit(0);
    }

    close $out;
    push @clients, [$pid, $in];
}

my $next = time;

for my $n (1 .. $RELOADS) {
    publish($n % 2);
    kill 'HUP', $t->master;
    $t->recs('prune', $t->path('shop'), '--keep', 3);

    $next += $EVERY;
    sleep $next - time if $next > time;
}

# The clients ask until the last generation answers.
my ($last) = readlink($t->path('shop/current')) =~ /^gen-(.*)\.mdb$/;

$t->wait_for('the last generation', sub {
    my $json = $t->json('/recs/for_you?u=u1')->{json};
    return $json && $json->{generation} eq $last;
});
$t->write('stop', '');

my ($asked, $failed, $ended) = (0, 0, 0);
my (@faults, %seen);

for (@clients) {
    my ($pid, $in) = @$_;

    while (my $line = <$in>) {
        if ($line =~ /^asked (\d+) (\d+)$/) {
            $asked += $1;
            $failed += $2;
            $ended++;
        } elsif ($line =~ /^seen (\S+)$/) {
            $seen{$1}++;
        } else {
            push @faults, $line;
        }
    }

    waitpid $pid, 0;
}

is($ended, $CLIENTS, 'every client came to its end');
is($failed, 0, "$RELOADS reloads, $asked requests: all are answered, and by "
   . 'the generation that they name') or diag(@faults);
is(join(' ', grep { !$published{$_} } sort keys %seen), '',
   'no generation that was not published');
cmp_ok($asked, '>', 10 * $RELOADS, 'the load was one');
cmp_ok(scalar keys %seen, '>', $RELOADS / 3,
       'and saw the generations change: ' . keys %seen);

# Every worker that was ever started, but the last two, is gone.
$t->wait_for('old workers to go', sub { [$t->workers(old => 1)]->@* == 2 });

my %now = map { $_ => 1 } $t->workers;
my @started = $t->log =~ /: start worker process (\d+)$/mg;
my @old = grep { !$now{$_} && $t->alive($_)
                 && $t->read("/proc/$_/cmdline") =~ /^nginx: worker/ }
          @started;

cmp_ok(scalar @started, '>=', 2 * keys %seen,
       'workers came with every generation: ' . @started);
is("@old", '', 'and went with it');

my @held = grep { (readlink($_) // '') =~ /\.mdb\b/ }
           glob('/proc/' . $t->master . '/fd/*');
is(scalar @held, 1, 'the master holds the last bundle alone');

my @exits = grep { !/ exited with code 0$/ }
            grep { /worker process \d+ exited/ } split /\n/, $t->log;
is("@exits", '', 'each of its own accord');

$t->done;
