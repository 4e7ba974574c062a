package RecsBench;

# What the benches of the server share: models, an nginx with one worker on
# the first processor, load from the second, and the table of it all.

use strict;
use warnings;

use File::Path qw(make_path);
use JSON::PP ();
use POSIX ();

use lib 't/lib';
use RecsNginx;

# A bench that is ended leaves no server behind.
$SIG{$_} = sub { die "ended by a signal\n" } for qw(INT TERM HUP);

our $BUILD = $ENV{RECS_BUILD} // 'build';
our $DATA = $ENV{RECS_TEST_DATA} // '../shared/data';


sub say_to_user { print STDERR "# @_\n" }


# Runs a command; what it says is shown where it fails.
sub run {
    my (@command) = @_;

    open my $fh, '-|', @command or die "$command[0]: $!\n";
    my @said = <$fh>;
    close $fh or die @said, "@command: failed\n";
}


sub slurp {
    my ($file) = @_;

    open my $fh, '<', $file or return '';
    local $/;
    return scalar(<$fh>) // '';
}


# --- models ----------------------------------------------------------------

# A file that is made once by each build of recs.
sub made {
    my ($file, $make) = @_;

    if (!-e $file || -M $file > -M "$BUILD/recs") {
        say_to_user("making $file");
        $make->();
    }

    return $file;
}


# Which models this build of recs trains.
sub trains {
    my ($model) = @_;

    return `$BUILD/recs train --help` =~ /^model \Q$model\E:/m;
}


# A model of Gowalla, with parameters ("factors=64") unless they are left to
# the model: (bundle, file of users), or nothing where the data is absent.
sub gowalla {
    my ($model, @parameters) = @_;

    my $train = "$DATA/gowalla/train.txt";
    return unless -e $train;

    my $data = made("$BUILD/gowalla.data", sub {
        run("$BUILD/recs", 'import', '--format', 'lightgcn', '-o',
            "$BUILD/gowalla.data", $train, "$DATA/gowalla/valid.txt");
    });

    my $name = join '-', 'gowalla', $model, map { /(\d+)$/ } @parameters;
    my $bundle = made("$BUILD/$name.mdb", sub {
        run("$BUILD/recs", 'train', '--quiet', '--model', $model, '--data',
            $data, '-o', "$BUILD/$name.mdb",
            map { ('--set', $_) } @parameters);
    });

    my $users = made("$BUILD/gowalla-users.txt", sub {
        write_users("$BUILD/gowalla-users.txt",
                    map { /^(\d+)/ ? $1 : () } split /\n/, slurp($train));
    });

    return ($bundle, $users);
}


# A bundle of the vectors in a folder.
sub packed {
    my ($dir) = @_;

    run("$BUILD/recs", 'pack', '--items', "$dir/items.npy", '--item-ids',
        "$dir/items.txt", '--users', "$dir/users.npy", '--user-ids',
        "$dir/users.txt", '-o', "$dir.mdb");
}


# A generated catalogue (bench_catalogue): (bundle, file of users).
sub catalogue {
    my ($n_items, $kind) = @_;
    $kind //= 'power';

    my $dir = "$BUILD/catalogue-$kind-$n_items";
    my $bundle = made("$dir.mdb", sub {
        make_path($dir);
        run("$BUILD/bench/bench_catalogue", $n_items, $kind, $dir);
        packed($dir);
    });

    my $users = made("$dir-users.txt", sub {
        write_users("$dir-users.txt", split /\n/, slurp("$dir/users.txt"));
    });

    return ($bundle, $users);
}


# The users in an order that is shuffled, but always the same.
sub write_users {
    my ($file, @users) = @_;

    my $random = 1;

    for my $i (reverse 1 .. $#users) {
        $random = ($random * 1103515245 + 12345) % 2147483648;
        my $j = int($random / 2147483648 * ($i + 1));
        @users[$i, $j] = @users[$j, $i];
    }

    open my $fh, '>', $file or die "$file: $!\n";
    print {$fh} map { "$_\n" } @users;
    close $fh or die "$file: $!\n";
}


# --- load --------------------------------------------------------------------

# Runs the client on the second processor: what it has measured.
sub load {
    my ($t, %case) = @_;

    my @command = ('taskset', '-c', '1', "$BUILD/bench/bench_load",
                   '-u', $case{users}, '-t', $case{seconds} // 1,
                   '-p', $case{worker} // ($t->workers)[0]);

    push @command, '-l', $case{length} if $case{length};
    push @command, '-e', $case{expect} if length($case{expect} // '');
    push @command, '-b', $case{body} if length($case{body} // '');
    push @command, '-n', $case{count} if $case{count};

    open my $fh, '-|', @command, $t->port, $case{path} or die "load: $!\n";
    my $line = <$fh> // '';
    close $fh;

    die "$case{name}: the load failed\n" if $? != 0;

    return JSON::PP::decode_json($line);
}


sub median {
    my @sorted = sort { $a <=> $b } @_;

    return $sorted[@sorted / 2] if @sorted % 2;
    return ($sorted[@sorted / 2 - 1] + $sorted[@sorted / 2]) / 2;
}


# --- the report --------------------------------------------------------------

sub machine {
    my ($cpu) = slurp('/proc/cpuinfo') =~ /^model name\s*:\s*(.*)$/m;
    my ($nginx) = `/usr/sbin/nginx -v 2>&1` =~ m{(nginx/\S+)};
    my ($compiler) = `gcc --version` =~ /^(.*)$/m;

    return {
        cpu        => $cpu // 'unknown',
        processors => scalar(() = slurp('/proc/cpuinfo') =~ /^processor/mg),
        kernel     => (POSIX::uname())[2],
        compiler   => $compiler,
        nginx      => $nginx,
        commit     => `git describe --always --dirty 2>/dev/null` =~ /(\S+)/
                      ? $1 : 'unknown',
        date       => POSIX::strftime('%Y-%m-%dT%H:%M:%SZ', gmtime),
    };
}


# Prints what was measured, and writes a copy as build/NAME.json.
sub report {
    my ($name, $lines, $figures) = @_;

    my $machine = machine();

    print "$name: $machine->{cpu}, $machine->{processors} processors, Linux "
          . "$machine->{kernel}, $machine->{compiler}, $machine->{nginx}, "
          . "$machine->{commit}, $machine->{date}\n";
    print "$_\n" for @$lines;

    my $file = "$BUILD/$name.json";
    open my $fh, '>', $file or die "$file: $!\n";
    print {$fh} JSON::PP->new->canonical->pretty->encode(
        { machine => $machine, %$figures });
    close $fh or die "$file: $!\n";

    print "copy: $file\n";
}


1;
